/**
 * Flags of Thanos' querier that nothing stands behind here. Those that change no answer are accepted; the others are
 * refused when they are used.
 */
import { decimal, duration, oneOf, path, text, wholeNumber } from './option-forms.ts';
import {
  type ContentSource,
  many,
  type Option,
  type OptionValues,
  one,
  pathOrContent,
  section,
  toggle,
  type Unsupported,
} from './options.ts';

export const thanosOptions: {
  readonly mode: Option<'local' | 'distributed'>;
  readonly partitionLabels: Option<readonly string[]>;
  readonly overlappingInterval: Option<boolean>;
  readonly disableFallback: Option<boolean>;
  readonly extendedFunctions: Option<boolean>;
  readonly dynamicLookback: Option<boolean>;
  readonly instantResolutionMs: Option<number>;
  readonly activeQueryPath: Option<string>;
  readonly alertQueryUrl: Option<string>;
  readonly relabelConfig: Option<ContentSource | undefined>;
  readonly fileDiscovery: Option<readonly string[]>;
  readonly fileIntervalMs: Option<number>;
  readonly seriesMax: Option<number>;
  readonly samplesMax: Option<number>;
  readonly tenantHeader: Option<string>;
  readonly defaultTenant: Option<string>;
  readonly tenantCertificateField: Option<string>;
  readonly tenantLabelName: Option<string>;
  readonly enforceTenancy: Option<boolean>;
  readonly durationQuantiles: Option<readonly number[]>;
  readonly samplesQuantiles: Option<readonly number[]>;
  readonly seriesQuantiles: Option<readonly number[]>;
  readonly requestLogging: Option<ContentSource | undefined>;
} = section("Of Thanos' querier", {
  mode: one({
    flag: 'query.mode',
    value: oneOf('local', 'distributed'),
    initial: 'local',
    help: 'Only local: this querier evaluates queries itself.',
  }),
  partitionLabels: many({
    flag: 'query.partition-label',
    value: text,
    help: 'For distributed mode, which there is not.',
  }),
  overlappingInterval: toggle({
    flag: 'query.distributed-with-overlapping-interval',
    initial: false,
    hidden: true,
    help: 'For distributed mode, which there is not.',
  }),
  disableFallback: toggle({
    flag: 'query.disable-fallback',
    initial: false,
    hidden: true,
    help: 'Accepted and ignored: there is one engine.',
  }),
  extendedFunctions: toggle({
    flag: 'query.enable-x-functions',
    initial: false,
    help: 'Functions such as xrate, which there are not.',
  }),
  dynamicLookback: toggle({
    flag: 'query.dynamic-lookback-delta',
    initial: true,
    hidden: true,
    help: 'Accepted and ignored: --query.lookback-delta holds at any resolution.',
  }),
  instantResolutionMs: one({
    flag: 'query.instant.default.max_source_resolution',
    value: duration,
    initial: '0s',
    hidden: true,
    help: 'Coarsest data for instant queries; only raw data, 0s.',
  }),
  activeQueryPath: one({
    flag: 'query.active-query-path',
    value: path,
    initial: '',
    help: 'Accepted and ignored: running queries are not written to a file.',
  }),
  alertQueryUrl: one({
    flag: 'alert.query-url',
    value: text,
    initial: '',
    help: 'Accepted and ignored: no page links to it.',
  }),
  relabelConfig: pathOrContent({
    flag: 'selector.relabel-config',
    help: 'YAML that chooses databases by their external labels (not supported yet).',
  }),
  fileDiscovery: many({
    flag: 'store.sd-files',
    value: path,
    help: 'Files that list endpoints (not supported yet).',
  }),
  fileIntervalMs: one({
    flag: 'store.sd-interval',
    value: duration,
    initial: '5m',
    help: 'How often those files are read.',
  }),
  seriesMax: one({
    flag: 'store.limits.request-series',
    value: wholeNumber,
    initial: '0',
    help: 'Most series of a Series call; only 0, any number.',
  }),
  samplesMax: one({
    flag: 'store.limits.request-samples',
    value: wholeNumber,
    initial: '0',
    help: 'Most samples of a Series call; only 0, any number.',
  }),
  tenantHeader: one({
    flag: 'query.tenant-header',
    value: text,
    initial: 'THANOS-TENANT',
    help: 'Accepted and ignored: tenants are not told apart.',
  }),
  defaultTenant: one({
    flag: 'query.default-tenant-id',
    value: text,
    initial: 'default-tenant',
    help: 'Accepted and ignored: tenants are not told apart.',
  }),
  tenantCertificateField: one({
    flag: 'query.tenant-certificate-field',
    value: text,
    initial: '',
    help: 'Accepted and ignored: tenants are not told apart.',
  }),
  tenantLabelName: one({
    flag: 'query.tenant-label-name',
    value: text,
    initial: 'tenant_id',
    help: 'Accepted and ignored: tenants are not told apart.',
  }),
  enforceTenancy: toggle({
    flag: 'query.enforce-tenancy',
    initial: false,
    help: 'Let each tenant see its own series only (not supported yet).',
  }),
  durationQuantiles: many({
    flag: 'query.telemetry.request-duration-seconds-quantiles',
    value: decimal,
    hidden: true,
    help: 'Accepted and ignored: these histograms are not kept.',
  }),
  samplesQuantiles: many({
    flag: 'query.telemetry.request-samples-quantiles',
    value: decimal,
    hidden: true,
    help: 'Accepted and ignored: these histograms are not kept.',
  }),
  seriesQuantiles: many({
    flag: 'query.telemetry.request-series-seconds-quantiles',
    value: decimal,
    hidden: true,
    help: 'Accepted and ignored: these histograms are not kept.',
  }),
  requestLogging: pathOrContent({
    flag: 'request.logging-config',
    help: 'YAML that says which requests are logged (not supported yet).',
  }),
});

export function unsupportedOfThanos(
  values: OptionValues<typeof thanosOptions>,
): readonly Unsupported[] {
  return [
    ['query.mode=distributed', values.mode === 'distributed', 'queries are evaluated here'],
    ['query.enable-x-functions', values.extendedFunctions, 'there are no such functions'],
    [
      'query.instant.default.max_source_resolution',
      values.instantResolutionMs > 0,
      'instant queries read raw data unless they ask for other',
    ],
    ['selector.relabel-config', values.relabelConfig !== undefined, 'no database is left out'],
    ['store.sd-files', values.fileDiscovery.length > 0, 'use --endpoint'],
    ['store.limits.request-series', values.seriesMax > 0, 'series are not counted'],
    ['store.limits.request-samples', values.samplesMax > 0, 'samples are not counted'],
    ['query.enforce-tenancy', values.enforceTenancy, 'tenants are not told apart'],
    ['request.logging-config', values.requestLogging !== undefined, 'requests are not logged'],
  ];
}
