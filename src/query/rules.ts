/**
 * Rules of every endpoint that evaluates some, as one list: groups of the same file and name are one, and rules that
 * differ in replica labels alone are one. Source: Thanos pkg/rules.
 */
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { compareText, dropLabels, type Labels, labelRecord, labelsKey } from '../model/labels.ts';
import { PartialResponseStrategy as Strategy } from '../wire/gen/thanos/label_pb.ts';
import {
  type AlertInstance,
  AlertState,
  RulesRequest_Type as RequestType,
  type Rule,
  type RuleGroup,
  Rules,
  RulesRequestSchema,
  RulesResponseSchema,
} from '../wire/gen/thanos/rules_pb.ts';
import { encodeMessage, methodPath } from '../wire/message.ts';
import { askEndpoints } from './ask-endpoints.ts';
import { type Endpoint, labelsOfSet } from './endpoint.ts';

export interface RulesRequest {
  readonly type: 'all' | 'alert' | 'record';
  readonly groups: readonly string[];
  readonly names: readonly string[];
  readonly files: readonly string[];
  /** Selectors over the rules' labels, as text; a rule must fulfil one of them. */
  readonly matchers: readonly string[];
  readonly deduplicate: boolean;
  readonly replicaLabels: readonly string[];
  readonly partialResponse: boolean;
  readonly signal: AbortSignal;
}

/** As /api/v1/rules shows it. */
export type RuleGroupJson = Readonly<Record<string, unknown>> & {
  readonly rules: readonly RuleJson[];
};
export type RuleJson = Readonly<Record<string, unknown>>;

const TYPES = {
  all: RequestType.ALL,
  alert: RequestType.ALERT,
  record: RequestType.RECORD,
} as const;

export interface RulesAnswer {
  readonly groups: readonly RuleGroupJson[];
  readonly warnings: readonly string[];
}

export async function fetchRules(
  endpoints: readonly Endpoint[],
  request: RulesRequest,
): Promise<RulesAnswer> {
  const { partialResponse, signal } = request;
  const encoded = encodeMessage(RulesRequestSchema, {
    type: TYPES[request.type],
    partialResponseStrategy: partialResponse ? Strategy.WARN : Strategy.ABORT,
    matcherString: [...request.matchers],
    ruleName: [...request.names],
    ruleGroup: [...request.groups],
    file: [...request.files],
  });
  const groups: RuleGroup[] = [];
  const told: string[] = [];
  const failed = await askEndpoints(
    endpoints,
    {
      what: 'rules',
      api: 'rules',
      method: methodPath(Rules.method.rules),
      request: () => encoded,
      response: RulesResponseSchema,
      partialResponse,
      signal,
    },
    ({ result }) => {
      if (result.case === 'group') groups.push(result.value);
      if (result.case === 'warning') told.push(result.value);
    },
  );
  return { groups: mergeGroups(groups, request), warnings: [...new Set([...failed, ...told])] };
}

function mergeGroups(found: readonly RuleGroup[], request: RulesRequest): RuleGroupJson[] {
  const isWanted = (wanted: readonly string[], text: string): boolean =>
    wanted.length === 0 || wanted.includes(text);
  const byKey = new Map<string, RuleGroup[]>();
  for (const group of found) {
    if (!isWanted(request.groups, group.name) || !isWanted(request.files, group.file)) continue;
    const key = `${group.file};${group.name}`;
    byKey.set(key, [...(byKey.get(key) ?? []), group]);
  }
  const sorted = [...byKey].sort(([a], [b]) => compareText(a, b));
  return sorted.flatMap(([, groups]) => {
    const [first] = groups;
    const rules = mergeRules(
      groups.flatMap((group) => group.rules),
      request,
    );
    return first === undefined || rules.length === 0 ? [] : [groupJson(first, rules)];
  });
}

/** A rule beside its labels without those that tell replicas apart. */
interface Candidate {
  readonly rule: Rule;
  readonly labels: Labels;
  readonly key: string;
}

function mergeRules(rules: readonly Rule[], request: RulesRequest): RuleJson[] {
  const replicas = new Set(request.deduplicate ? request.replicaLabels : []);
  const kept = new Map<string, Candidate>();
  let copies = 0;
  for (const rule of rules) {
    const { value } = rule.result;
    if (value === undefined) continue;
    if (request.names.length > 0 && !request.names.includes(value.name)) continue;
    const labels = dropLabels(labelsOfSet(value.labels), replicas);
    const identity = [rule.result.case, value.name, value.query, labelsKey(labels)].join('\u{fe}');
    const key = request.deduplicate ? identity : `${identity}${copies++}`;
    const known = kept.get(key);
    const candidate = { rule, labels, key };
    if (known === undefined || isBetter(candidate, known)) kept.set(key, candidate);
  }
  return [...kept.values()].map(({ rule, labels }) => ruleJson(rule, labels, replicas));
}

/** Of two replicas' alerts the one that is further on counts, of equal ones the one evaluated last. */
function isBetter({ rule: a }: Candidate, { rule: b }: Candidate): boolean {
  if (a.result.case === 'alert' && b.result.case === 'alert') {
    const [left, right] = [a.result.value.state, b.result.value.state];
    if (left !== right) return left > right;
  }
  return timeOf(a.result.value?.lastEvaluation) > timeOf(b.result.value?.lastEvaluation);
}

function timeOf(timestamp: Timestamp | undefined): number {
  return timestamp === undefined ? 0 : timestampDate(timestamp).getTime();
}

function timeText(timestamp: Timestamp | undefined): string {
  const zero = '0001-01-01T00:00:00Z';
  return timestamp === undefined ? zero : timestampDate(timestamp).toISOString();
}

function strategyText(strategy: Strategy): string {
  return strategy === Strategy.ABORT ? 'ABORT' : 'WARN';
}

function groupJson(group: RuleGroup, rules: readonly RuleJson[]): RuleGroupJson {
  return {
    name: group.name,
    file: group.file,
    rules,
    interval: group.interval,
    evaluationTime: group.evaluationDurationSeconds,
    lastEvaluation: timeText(group.lastEvaluation),
    limit: Number(group.limit),
    partialResponseStrategy: strategyText(group.partialResponseStrategy),
  };
}

function ruleJson({ result }: Rule, labels: Labels, replicas: ReadonlySet<string>): RuleJson {
  if (result.case === undefined) return {};
  const { value } = result;
  const shared = {
    name: value.name,
    query: value.query,
    labels: labelRecord(labels),
    health: value.health === '' ? 'unknown' : value.health,
    ...(value.lastError === '' ? {} : { lastError: value.lastError }),
    evaluationTime: value.evaluationDurationSeconds,
    lastEvaluation: timeText(value.lastEvaluation),
  };
  if (result.case === 'recording') return { ...shared, type: 'recording' };
  const { value: alert } = result;
  return {
    state: STATES[alert.state],
    ...shared,
    duration: alert.durationSeconds,
    keepFiringFor: alert.keepFiringForSeconds,
    annotations: labelRecord(labelsOfSet(alert.annotations)),
    alerts: alert.alerts.map((instance) => alertJson(instance, replicas)),
    type: 'alerting',
  };
}

const STATES: Readonly<Record<AlertState, string>> = {
  [AlertState.UNKNOWN]: 'unknown',
  [AlertState.INACTIVE]: 'inactive',
  [AlertState.PENDING]: 'pending',
  [AlertState.FIRING]: 'firing',
};

function alertJson(alert: AlertInstance, replicas: ReadonlySet<string>): RuleJson {
  const labels = dropLabels(labelsOfSet(alert.labels), replicas);
  return {
    labels: labelRecord(labels),
    annotations: labelRecord(labelsOfSet(alert.annotations)),
    state: STATES[alert.state],
    activeAt: timeText(alert.activeAt),
    value: alert.value,
    partialResponseStrategy: strategyText(alert.partialResponseStrategy),
  };
}

/** The alerts of all rules, as /api/v1/alerts shows them. */
export function alertsOf(groups: readonly RuleGroupJson[]): readonly unknown[] {
  return groups.flatMap(({ rules }) =>
    rules.flatMap((rule) => (Array.isArray(rule.alerts) ? rule.alerts : [])),
  );
}
