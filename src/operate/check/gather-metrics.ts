/** What the components of an HA set-up tell of themselves, asked of the querier. */
import type { Asked, InstantSample } from './ask.ts';
import type { Build, LabelSet, MetricFacts } from './facts.ts';

export const NO_METRICS: MetricFacts = {
  lonelySidecars: undefined,
  hasShipper: false,
  uploadFailures: [],
  builds: [],
};

export async function gatherMetrics(querier: Asked): Promise<MetricFacts> {
  const ask = (query: string) => samplesOf(querier, query);
  const [sidecars, shippers, failures, servers, components] = await Promise.all([
    ask('thanos_sidecar_prometheus_up'),
    ask('thanos_shipper_uploads_total'),
    ask('sum by (instance) (increase(thanos_shipper_upload_failures_total[1h])) > 0.5'),
    ask('prometheus_build_info'),
    ask('thanos_build_info'),
  ]);
  const lonely = sidecars.filter(({ value }) => value === 0).map(({ labels }) => labels);
  return {
    lonelySidecars: sidecars.length === 0 ? undefined : lonely,
    hasShipper: shippers.length > 0,
    uploadFailures: failures.map(({ labels, value }) => ({
      instance: instanceOf(labels),
      count: Math.round(value),
    })),
    builds: distinct([
      ...servers.map(({ labels }) => buildOf('Prometheus', labels)),
      ...components.map(({ labels }) =>
        buildOf(labels.tags === 'tsanos' ? 'Tsanos' : 'Thanos', labels),
      ),
    ]),
  };
}

function buildOf(program: Build['program'], labels: LabelSet): Build {
  return { program, instance: instanceOf(labels), version: labels.version ?? '?' };
}

function instanceOf({ instance = '?' }: LabelSet): string {
  return instance;
}

/** A component that was upgraded a moment ago has series of both its versions, one that two jobs scrape comes twice. */
function distinct(builds: readonly Build[]): readonly Build[] {
  const byKey = new Map(builds.map((one) => [`${one.program} ${one.instance}`, one]));
  return [...byKey.values()];
}

/** Nothing where the question fails: then the series are as good as not there. */
export async function samplesOf(querier: Asked, query: string): Promise<readonly InstantSample[]> {
  try {
    return (await querier.instant(query, true)).samples;
  } catch {
    return [];
  }
}
