/** The page of the entry: one HTML file whose inline script and style are named in its policy by their hashes. */
import { createHash } from 'node:crypto';
import type { HttpRoute } from '../transport/http-route.ts';

export function entryPageRoute(html: string): HttpRoute {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentPolicy(html),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
  };
  return {
    methods: ['GET'],
    path: '/',
    handle: () => ({ status: 200, headers, body: html }),
  };
}

/** Nothing but the page's own script, its own style, and calls to where it came from. */
export function contentPolicy(html: string): string {
  const hashes = (element: string): string =>
    [...html.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, 'g'))]
      .map(([, text]) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
      .join(' ');
  return [
    "default-src 'none'",
    `script-src ${hashes('script')}`,
    `style-src ${hashes('style')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
