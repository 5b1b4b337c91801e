/** Every command, loaded only when it is asked for. */
import type { Command } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'the whole system on this machine: two Prometheus, sidecars, queriers, one address',
    load: async () => (await import('./up.ts')).upCommand,
  },
  {
    name: 'check',
    summary: 'whether an HA set-up is sound, and how to mend what is not',
    load: async () => (await import('./check.ts')).checkCommand,
  },
  {
    name: 'prometheus',
    summary: "scrapes targets, keeps their samples, answers queries; Prometheus' server",
    load: async () => (await import('./prometheus.ts')).prometheusCommand,
  },
  {
    name: 'sidecar',
    summary: 'StoreAPI beside a Prometheus',
    load: async () => (await import('./sidecar.ts')).sidecarCommand,
  },
  {
    name: 'entry',
    summary: 'one address in front of several queriers: retries, health, a page to look at',
    load: async () => (await import('./entry.ts')).entryCommand,
  },
  {
    name: 'query',
    summary: "PromQL over many stores, replicas deduplicated; Prometheus' HTTP API",
    load: async () => (await import('./query.ts')).queryCommand,
  },
  {
    name: 'promtool check config',
    summary: 'whether Prometheus would take a configuration',
    load: async () => (await import('./promtool-check-config.ts')).promtoolCheckConfigCommand,
  },
  {
    name: 'promtool check metrics',
    summary: 'what a page of metrics does against good practice',
    load: async () => (await import('./promtool-check-metrics.ts')).promtoolCheckMetricsCommand,
  },
];
