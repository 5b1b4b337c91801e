/** One question to every endpoint that offers an API: answers as they come, failures as warnings. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { errorText, OperationError } from '../base/errors.ts';
import { compareText } from '../model/labels.ts';
import type { InfoResponse } from '../wire/gen/thanos/info_pb.ts';
import { decodeMessage } from '../wire/message.ts';
import type { Endpoint } from './endpoint.ts';

/** Which member of Info says that an API is offered. */
export type OfferedApi = 'rules' | 'targets' | 'metricMetadata' | 'exemplars' | 'status';

export interface Question<Response extends DescMessage> {
  /** Completes "fetch … from <address>". */
  readonly what: string;
  readonly api: OfferedApi & keyof InfoResponse;
  /** Full path of the method. */
  readonly method: string;
  /** Encoded; undefined leaves the endpoint out. */
  readonly request: (endpoint: Endpoint) => Uint8Array | undefined;
  readonly response: Response;
  /** An endpoint that fails becomes a warning (true) or fails the whole (false). */
  readonly partialResponse: boolean;
  readonly signal: AbortSignal;
}

/**
 * Calls back with every message of every endpoint. Gives the warnings. Throws OperationError 'canceled', or, without
 * partial response, the first failure naming its endpoint.
 */
export async function askEndpoints<Response extends DescMessage>(
  endpoints: readonly Endpoint[],
  question: Question<Response>,
  visit: (message: MessageShape<Response>) => void,
): Promise<string[]> {
  const { what, api, method, request, response, partialResponse, signal } = question;
  const warnings: string[] = [];
  const ask = async (endpoint: Endpoint): Promise<void> => {
    const { client, address } = endpoint;
    try {
      const encoded = request(endpoint);
      if (encoded === undefined) return;
      for await (const message of client.serverStream(method, encoded, { signal })) {
        visit(decodeMessage(response, message));
      }
    } catch (error) {
      if (signal.aborted) throw new OperationError('canceled', `fetching ${what} was canceled`);
      const text = `fetch ${what} from ${address}: ${errorText(error)}`;
      if (!partialResponse) throw new OperationError('execution', text, { cause: error });
      warnings.push(text);
    }
  };
  await Promise.all(endpoints.filter(({ info }) => info?.[api] !== undefined).map(ask));
  return [...new Set(warnings)].sort(compareText);
}
