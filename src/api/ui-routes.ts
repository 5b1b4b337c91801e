/**
 * Serves the web UI: one page for all of its addresses, with what the server says of itself written into it, and the
 * files of the build.
 */
import { randomBytes } from 'node:crypto';
import type { FileSystem } from '../base/file-system.ts';
import {
  type HttpAnswer,
  type HttpRequest,
  type HttpRoute,
  textAnswer,
} from '../transport/http-route.ts';
import { UiFiles } from './ui-files.ts';
import { type PrefixSettings, webPrefix } from './ui-prefix.ts';

export interface UiOptions extends PrefixSettings {
  readonly files: FileSystem;
  /** Of the built UI. */
  readonly directory: string;
  /** Which pages the menu has. */
  readonly component: 'up' | 'query' | 'prometheus';
  readonly title: string;
  readonly version: string;
  readonly features: readonly string[];
}

/** Every address that the UI has a page for. */
export const UI_PATHS: readonly string[] = [
  '/',
  '/graph',
  '/query',
  '/replicas',
  '/stores',
  '/targets',
  '/service-discovery',
  '/metrics-explorer',
  '/tsdb-status',
  '/flags',
  '/config',
  '/status',
];

/** Files that browsers ask for by these names. */
const ROOT_FILES = ['/favicon.svg', '/manifest.json'];

export interface Ui {
  readonly routes: readonly HttpRoute[];
  /**
   * For an address that nothing has: a page that says so, for who wants a page. Undefined for who does not, and for
   * addresses that only programs ask.
   */
  missing(request: HttpRequest): HttpAnswer | undefined;
}

/** Looks once for the files of the build. */
export function createUi(options: UiOptions): Ui {
  const files = new UiFiles(options.files, options.directory);
  return {
    routes: uiRoutes(files, options),
    missing(request) {
      const path = `/${request.params['*'] ?? ''}`;
      if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
      if (!wantsPage(request) || RESERVED.test(path)) return undefined;
      const answer = pageAnswer(files, options, request);
      const isPage = UI_PATHS.includes(path.replace(/\/+$/, ''));
      return isPage || answer.status !== 200 ? answer : { ...answer, status: 404 };
    },
  };
}

/** The end of a table of routes. */
export function missingPageRoute(ui: Ui): HttpRoute {
  return {
    methods: ['GET'],
    path: '/*',
    handler: 'ui',
    handle: (request) => ui.missing(request) ?? notFound(),
  };
}

function uiRoutes(files: UiFiles, options: UiOptions): readonly HttpRoute[] {
  const page = (request: HttpRequest): HttpAnswer => pageAnswer(files, options, request);
  const file = (path: string, request: HttpRequest): HttpAnswer =>
    files.answer(path, request) ?? notFound();
  return [
    ...UI_PATHS.map((path): HttpRoute => ({ methods: ['GET'], path, handler: 'ui', handle: page })),
    ...ROOT_FILES.map(
      (path): HttpRoute => ({
        methods: ['GET'],
        path,
        handler: 'ui',
        handle: (request) => file(path.slice(1), request),
      }),
    ),
    {
      methods: ['GET'],
      path: '/favicon.ico',
      handler: 'ui',
      handle: (request) => file('favicon.svg', request),
    },
    {
      methods: ['GET'],
      path: '/assets/*',
      handler: 'ui',
      handle: (request) => file(`assets/${request.params['*'] ?? ''}`, request),
    },
  ];
}

/** What is asked by programs, never looked at as a page. */
const RESERVED = /^\/(api|assets|static|debug|metrics|-)(\/|$)|\.[a-z0-9]+$/i;

function wantsPage({ headers }: HttpRequest): boolean {
  return (headers.accept ?? '').includes('text/html');
}

function notFound(): HttpAnswer {
  return textAnswer(404, '404 page not found\n');
}

/** The page is made for each request: its nonce must not be told in advance. */
function pageAnswer(files: UiFiles, options: UiOptions, { headers }: HttpRequest): HttpAnswer {
  if (!files.has('index.html')) {
    return textAnswer(503, 'the web UI has not been built: run `npm run build:ui`\n');
  }
  const html = new TextDecoder().decode(files.read('index.html'));
  const nonce = randomBytes(16).toString('base64');
  const { component, features, version, title } = options;
  const prefix = webPrefix(options, headers);
  const settings = JSON.stringify({ component, prefix, features, version, title });
  const body = html
    .replaceAll(/(href|src)="\.\//g, (_, name) => `${name}="${escapeHtml(prefix)}/`)
    .replace('nonce=""', `nonce="${nonce}"`)
    .replace(/<title>.*?<\/title>/, () => `<title>${escapeHtml(title)}</title>`)
    .replace(
      /(<script type="application\/json" id="tsanos">).*?(<\/script>)/s,
      (_, open, close) => `${open}${settings.replaceAll('<', '\\u003c')}${close}`,
    );
  return { status: 200, headers: pageHeaders(nonce), body };
}

function pageHeaders(nonce: string): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': contentPolicy(nonce),
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}

/** Only what comes from this server; styles that scripts add carry the nonce of this page. */
function contentPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
