/** The findings as a person reads them, or as JSON. */
import { paint } from '../status-table.ts';
import type { CheckedFinding } from './checks.ts';
import type { FindingLevel } from './finding.ts';
import { type CheckText, COMPONENTS, type Language, TEXTS, TITLES } from './texts.data.ts';

const MARKS: Readonly<Record<FindingLevel, { readonly mark: string; readonly color: number }>> = {
  good: { mark: '✓', color: 32 },
  warning: { mark: '!', color: 33 },
  trouble: { mark: '✗', color: 31 },
  unknown: { mark: '?', color: 90 },
};
const LEVELS = Object.keys(MARKS) as readonly FindingLevel[];
const DIM = 90;

export interface ReportStyle {
  readonly language: Language;
  readonly isColored: boolean;
}

/** Korean where the locale says so (`ko_KR.UTF-8`), English everywhere else. */
export function languageOf(locale: string | undefined): Language {
  return locale !== undefined && /^ko([_.@-]|$)/i.test(locale) ? 'ko' : 'en';
}

/** One line a finding, its remedy below it, and a count at the end. */
export function printReport(
  url: string,
  findings: readonly CheckedFinding[],
  { language, isColored }: ReportStyle,
): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap((finding) => {
    const { mark, color } = MARKS[finding.level];
    const { say, mend } = sentences(finding, language);
    const check = paint(finding.check.padEnd(width), DIM, isColored);
    const head = `${paint(mark, color, isColored)} ${check}  ${say}`;
    return mend === undefined ? [head] : [head, `${' '.repeat(width + 4)}→ ${mend}`];
  });
  const counts = Object.fromEntries(
    LEVELS.map((level) => [level, String(countOf(findings, level))]),
  );
  const isSound = countOf(findings, 'good') === findings.length;
  const end = fill(isSound ? TITLES.sound[language] : TITLES.summary[language], counts, language);
  return [fill(TITLES.heading[language], { url }, language), '', ...lines, '', end, ''].join('\n');
}

/** The same for machines; `ok` is false when there is trouble. */
export function reportJson(
  url: string,
  findings: readonly CheckedFinding[],
  language: Language,
): string {
  const report = {
    url,
    ok: !hasTrouble(findings),
    counts: Object.fromEntries(LEVELS.map((level) => [level, countOf(findings, level)])),
    findings: findings.map((finding) => {
      const { say, mend } = sentences(finding, language);
      const { check, level, text: code, values } = finding;
      return { check, level, code, text: say, ...(mend === undefined ? {} : { mend }), values };
    }),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

export function hasTrouble(findings: readonly CheckedFinding[]): boolean {
  return countOf(findings, 'trouble') > 0;
}

function countOf(findings: readonly CheckedFinding[], wanted: FindingLevel): number {
  return findings.filter(({ level }) => level === wanted).length;
}

function sentences(
  { text, values, level }: CheckedFinding,
  language: Language,
): { readonly say: string; readonly mend: string | undefined } {
  const { say, mend }: CheckText = TEXTS[text];
  return {
    say: fill(say[language], values, language),
    mend:
      mend === undefined || level === 'good' ? undefined : fill(mend[language], values, language),
  };
}

function fill(
  template: string,
  values: Readonly<Record<string, string>>,
  language: Language,
): string {
  return template.replace(/\{(\w+)(\|counts)?\}/g, (_, name: string, isCounts?: string) => {
    const value = values[name] ?? '';
    return isCounts === undefined ? value : countsText(value, language);
  });
}

/** `sidecar=2,store=1` → `2 sidecars, 1 store`. */
function countsText(list: string, language: Language): string {
  const parts = list.split(',').map((part) => {
    const [type, count] = part.split('=');
    const { one, many, ko } = COMPONENTS[type] ?? { one: type, many: type, ko: type };
    return language === 'ko' ? `${ko} ${count}개` : `${count} ${count === '1' ? one : many}`;
  });
  return parts.join(', ');
}
