/** What /api/v1/status/buildinfo shows. No `features` member: Grafana takes whoever has one for Mimir. */
export function buildInformation(build: {
  readonly version: string;
  readonly revision: string;
  readonly branch: string;
}): Readonly<Record<string, string>> {
  return { ...build, buildUser: '', buildDate: '', goVersion: process.version };
}
