/** One accent colour, system fonts, dense controls; contrasts hold AA in both schemes. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** White on shade 7 (light) and 6 (dark) has a contrast of at least 4.5. */
const accent: MantineColorsTuple = [
  '#eef3ff',
  '#dce5fa',
  '#b8c9f3',
  '#91abec',
  '#7f9dea',
  '#5b80e3',
  '#4470d8',
  '#2f5bd0',
  '#2650bb',
  '#1c43a3',
];

/** From text to what lies deepest: the greys of tokens.css, where Mantine has neutral ones. */
const dark: MantineColorsTuple = [
  '#e4e7ec',
  '#c6ccd6',
  '#a3abb8',
  '#7b8494',
  '#454c59',
  '#343944',
  '#242830',
  '#16181d',
  '#111318',
  '#0c0d10',
];

const FONTS = [
  'system-ui',
  '-apple-system',
  '"Segoe UI"',
  'Roboto',
  '"Helvetica Neue"',
  '"Apple SD Gothic Neo"',
  '"Noto Sans KR"',
  '"Noto Sans CJK KR"',
  '"Malgun Gothic"',
  'sans-serif',
].join(', ');

const FIXED_FONTS = [
  'ui-monospace',
  'SFMono-Regular',
  'Menlo',
  'Consolas',
  '"Liberation Mono"',
  '"DejaVu Sans Mono"',
  '"Noto Sans Mono CJK KR"',
  'monospace',
].join(', ');

export const theme: ReturnType<typeof createTheme> = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  colors: { accent, dark },
  fontFamily: FONTS,
  fontFamilyMonospace: FIXED_FONTS,
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.25rem', lineHeight: '1.4' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
});

/** Mantine's own quiet text is too pale for small letters. */
export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#59616d',
    '--mantine-color-placeholder': '#69717d',
    '--mantine-color-error': '#c02626',
  },
  dark: {
    '--mantine-color-dimmed': '#a3abb8',
    '--mantine-color-placeholder': '#8b93a1',
    '--mantine-color-body': '#16181d',
    '--mantine-color-error': '#ff8a80',
  },
});
