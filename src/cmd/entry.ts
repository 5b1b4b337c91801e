/** `tsanos entry`: one address in front of several queriers. */
import { resolve } from 'node:path';
import { createUi } from '../api/ui-routes.ts';
import { createEntryProxy } from '../operate/entry-proxy.ts';
import { systemRoute } from '../operate/system-state.ts';
import { observeHost } from '../telemetry/host-metrics.ts';
import { createHttpClient } from '../transport/http-client.ts';
import { type Command, type CommandContext, defineCommand, stopped } from './command.ts';
import { duration, httpUrl, path } from './option-forms.ts';
import { many, type OptionValues, one, optional, section } from './options.ts';
import { webOptions } from './query-options.ts';
import { serveHttp } from './serve-http.ts';
import { httpOptions } from './shared-options.ts';
import { uiOptions } from './ui-options.ts';
import { webAddress } from './web-address.ts';

const options = {
  ...section('Queriers', {
    querierUrls: many({
      flag: 'querier.url',
      value: httpUrl,
      isRequired: true,
      help: 'HTTP address of a querier.',
    }),
    probeIntervalMs: one({
      flag: 'querier.probe-interval',
      value: duration,
      initial: '1s',
      help: 'How often each querier is asked whether it is ready.',
    }),
  }),
  ...section('Machine', {
    hostDataDirectory: optional({
      flag: 'host-metrics.data-dir',
      value: path,
      help: "Tell of this machine in /metrics, under node_exporter's names: processors, memory, load, network, and the disk of this directory.",
    }),
  }),
  ...section('System', {
    systemStatePath: optional({
      flag: 'system.state-file',
      value: path,
      help: 'File in which `tsanos up` tells how the components stand; shown at /api/v1/system.',
    }),
  }),
  ...httpOptions,
  ...webOptions,
};

export const entryCommand: Command = defineCommand({
  name: 'entry',
  summary: 'one address in front of several queriers: retries, health, a page to look at',
  description:
    'Passes every request on to one of the queriers, and once more to another if the first fails. Serves the web UI at /.',
  options,
  run,
});

async function run(context: CommandContext, values: OptionValues<typeof options>): Promise<void> {
  const { clock, logger, metrics, files, readiness, resources, stop } = context;
  const { hostDataDirectory } = values;
  if (hostDataDirectory !== undefined) {
    observeHost(metrics, { files, clock, dataDirectory: resolve(hostDataDirectory) });
  }
  const { routePrefix, redirects } = webAddress(values, '/', logger);
  const proxy = createEntryProxy({
    routePrefix,
    missing: (request) => ui.missing(request),
    urls: values.querierUrls,
    client: resources.use(createHttpClient(files)),
    clock,
    logger,
    metrics,
    probeIntervalMs: values.probeIntervalMs,
    onAvailability(isAvailable) {
      if (isAvailable && !stop.aborted) readiness.setReady();
      else readiness.setNotReady('no querier is up');
    },
  });
  const ui = createUi(uiOptions(context, values, { component: 'up', features: [] }));
  await serveHttp(context, values, {
    routes: [
      ...redirects,
      ...ui.routes,
      systemRoute(values.systemStatePath, files),
      ...proxy.routes,
    ],
    routePrefix,
    areProbesOutside: true,
    allowOtherOrigins: !values.disableCors,
    maxBodyBytes: 16 << 20,
  });
  await Promise.all([proxy.watch(stop), stopped(context)]);
}
