/** thanos.Rules over the rules of a Prometheus. */
import { create } from '@bufbuild/protobuf';
import type { Labels } from '../model/labels.ts';
import { JsonFields } from '../remote/json-fields.ts';
import { PartialResponseStrategy as Strategy } from '../wire/gen/thanos/label_pb.ts';
import {
  AlertState,
  type Rule,
  type RuleGroup,
  RuleGroupSchema,
  RuleSchema,
  type RulesRequest,
  RulesRequest_Type as Type,
} from '../wire/gen/thanos/rules_pb.ts';
import { ask, labelSet, type PrometheusScope, timestampOf } from './prometheus-scope.ts';

const TYPES: Readonly<Record<number, string>> = { [Type.ALERT]: 'alert', [Type.RECORD]: 'record' };

const STATES: Readonly<Record<string, AlertState>> = {
  inactive: AlertState.INACTIVE,
  pending: AlertState.PENDING,
  firing: AlertState.FIRING,
};

/** Groups as Prometheus has them; names and matchers are filtered by who asks several of us. */
export async function readRules(
  scope: PrometheusScope,
  { type }: RulesRequest,
  signal: AbortSignal,
): Promise<RuleGroup[]> {
  const wanted = TYPES[type];
  const parameters = wanted === undefined ? [] : [['type', wanted] as const];
  const { data, where } = await ask(scope, '/api/v1/rules', parameters, signal);
  const external = scope.externalLabels();
  return new JsonFields(data, where).list('groups').map((group) => groupOf(group, external));
}

function groupOf(group: JsonFields, external: Labels): RuleGroup {
  return create(RuleGroupSchema, {
    name: group.text('name'),
    file: group.text('file'),
    interval: group.number('interval'),
    limit: group.whole('limit'),
    evaluationDurationSeconds: group.number('evaluationTime'),
    lastEvaluation: timestampOf(group.text('lastEvaluation')),
    partialResponseStrategy: Strategy.ABORT,
    rules: group.list('rules').map((rule) => ruleOf(rule, external)),
  });
}

function ruleOf(rule: JsonFields, external: Labels): Rule {
  const shared = {
    name: rule.text('name'),
    query: rule.text('query'),
    labels: labelSet(rule.labels('labels'), external),
    health: rule.text('health'),
    lastError: rule.text('lastError'),
    evaluationDurationSeconds: rule.number('evaluationTime'),
    lastEvaluation: timestampOf(rule.text('lastEvaluation')),
  };
  if (rule.text('type') === 'recording') {
    return create(RuleSchema, { result: { case: 'recording', value: shared } });
  }
  const value = {
    ...shared,
    state: stateOf(rule),
    durationSeconds: rule.number('duration'),
    keepFiringForSeconds: rule.number('keepFiringFor'),
    annotations: labelSet(rule.labels('annotations')),
    alerts: rule.list('alerts').map((alert) => ({
      labels: labelSet(alert.labels('labels')),
      annotations: labelSet(alert.labels('annotations')),
      state: stateOf(alert),
      activeAt: timestampOf(alert.text('activeAt')),
      value: alert.text('value'),
    })),
  };
  return create(RuleSchema, { result: { case: 'alert', value } });
}

function stateOf(alert: JsonFields): AlertState {
  return STATES[alert.text('state')] ?? AlertState.UNKNOWN;
}
