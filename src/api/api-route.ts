/** A route whose errors are answered in the API's envelope. */
import type { HttpAnswer, HttpMethod, HttpRequest, HttpRoute } from '../transport/http-route.ts';
import { errorAnswer } from './envelope.ts';

export const GET: readonly HttpMethod[] = ['GET'];
/** Long queries come as forms. */
export const GET_OR_POST: readonly HttpMethod[] = ['GET', 'POST'];
/** For what changes something. */
export const POST_OR_PUT: readonly HttpMethod[] = ['POST', 'PUT'];

export interface ApiRoute {
  readonly methods: readonly HttpMethod[];
  readonly path: string;
  /** Value of the label `handler` of the http_* metrics. */
  readonly handler: string;
  readonly action: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;
}

export function apiRoute({ action, ...route }: ApiRoute): HttpRoute {
  return {
    ...route,
    async handle(request) {
      try {
        return await action(request);
      } catch (error) {
        return errorAnswer(error);
      }
    },
  };
}
