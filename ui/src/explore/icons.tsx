/** The signs of the explore page, drawn in the colour of the text around them. */

const PATHS = {
  run: 'M7 5l12 7-12 7z',
  stop: 'M7 7h10v10H7z',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  left: 'M14.5 6l-6 6 6 6',
  right: 'M9.5 6l6 6-6 6',
  down: 'M6 9.5l6 6 6-6',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.5l3 1.5',
  share: 'M12 15V4M8.5 7.5L12 4l3.5 3.5M5 13v6h14v-6',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  format: 'M4 6h16M4 12h10M4 18h13',
  book: 'M5 5h6a2 2 0 0 1 2 2v13a2 2 0 0 0-2-2H5zM19 5h-4a2 2 0 0 0-2 2v13a2 2 0 0 1 2-2h4z',
  options: 'M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4',
  warning: 'M12 4.5L3.5 19h17zM12 10v4M12 16.5h.01',
  info: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5M12 8.2h.01',
} as const;

export type IconName = keyof typeof PATHS;

interface IconProps {
  readonly name: IconName;
  readonly size?: number;
}

export function Icon({ name, size = 16 }: IconProps): React.ReactNode {
  return (
    <svg
      aria-hidden="true"
      fill={name === 'run' || name === 'stop' ? 'currentColor' : 'none'}
      height={size}
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth={name === 'more' ? 3 : 1.75}
      viewBox="0 0 24 24"
      width={size}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
