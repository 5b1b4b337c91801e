/**
 * Presses every control of a page, each from a freshly loaded page, and those that the press brings up after it. A
 * control must do something that can be seen: change the document, lead to another address, download, open a window.
 * Rows of a table look alike: two of each kind are pressed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ElementHandle, Page } from 'playwright-core';
import type { WatchedPage } from './browser.ts';
import { visit } from './judged-pages.ts';

export interface Crawl {
  readonly pressed: number;
  readonly faults: readonly string[];
}

/** How long a control may take until something is seen of it. */
const PATIENCE_MS = 2500;
const DEPTH = 2;

/** Keys of controls to press one after the other, the last of them being judged. */
type Path = readonly string[];

interface Control {
  readonly key: string;
  /** Controls of one kind in rows, of which a few stand for all. */
  readonly kind: string;
  readonly isInRow: boolean;
}

/**
 * In the page: `crawl.controls()` are the elements that can be pressed now, `crawl.of(element)` tells them apart,
 * `crawl.watch()` begins to look for changes. Figures that change by themselves are no effect of a press.
 */
const SCRIPT = `(() => {
  const SELECTOR = 'a[href], button, summary, label, select, input[type=checkbox], [role=tab]';
  const wordsOf = (text) => (text ?? '').replace(/[\\d.,:]+/g, '#').replace(/\\s+/g, ' ').trim();
  const isChoice = (input) => ['checkbox', 'radio'].includes(input?.type);
  const isPressable = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    const { width, height } = element.getBoundingClientRect();
    if (width < 2 || height < 2) return false;
    if (element.tagName === 'LABEL') return isChoice(element.control) && isFree(element.control);
    if (element.tagName === 'INPUT') return element.labels.length === 0 && isFree(element);
    if (element.tagName === 'A' && element.target === '_blank') return false;
    return isFree(element);
  };
  const isFree = (element) =>
    !element.matches(':disabled, [aria-disabled=true], [aria-current], [aria-selected=true]') &&
    !(element.type === 'radio' && element.checked);
  const nameOf = (element) =>
    wordsOf(element.getAttribute('aria-label') ?? element.innerText ?? '') ||
    wordsOf(element.title);
  const of = (element) => {
    const chain = [];
    for (let at = element; at !== document.body && chain.length < 4; at = at.parentElement) {
      chain.push(at.tagName + '.' + (at.getAttribute('class') ?? ''));
    }
    const kind = chain.join('<');
    const isInRow = element.closest('tr, li, [role=row], pre, svg') !== null;
    const key = nameOf(element) + ' | ' + kind;
    return { key, kind, isInRow: isInRow && !element.closest('header') };
  };
  const top = () => document.querySelector('dialog:modal, [aria-modal=true]') ?? document;
  const controls = () => [...top().querySelectorAll(SELECTOR)].filter(isPressable);
  const isEffect = ({ type, target, oldValue, attributeName, addedNodes, removedNodes }) => {
    if (type === 'characterData') return wordsOf(oldValue) !== wordsOf(target.data);
    if (type === 'attributes') {
      const now = target.getAttribute(attributeName);
      return /^(aria-(?!value)|class|hidden|open|data-)/.test(attributeName) && now !== oldValue;
    }
    return [...addedNodes, ...removedNodes].some((node) => node.nodeType === 1);
  };
  let isChanged = false;
  const observer = new MutationObserver((records) => { isChanged ||= records.some(isEffect); });
  const watch = () => {
    observer.takeRecords();
    isChanged = false;
    observer.observe(document, {
      subtree: true, childList: true, characterData: true, characterDataOldValue: true,
      attributes: true, attributeOldValue: true,
    });
  };
  globalThis.crawl = { controls, of, watch, isChanged: () => isChanged };
})()`;

/** `seen` holds what was pressed on other pages, such as the menu: it is not pressed again. */
export async function crawl(watched: WatchedPage, url: string, seen: Set<string>): Promise<Crawl> {
  const { page } = watched;
  const faults: string[] = [];
  const stop = collectFailures(page, faults);
  const queue: Path[] = [];
  const rows = new Map<string, number>();
  const take = (controls: readonly Control[], before: Path): void => {
    for (const { key, kind, isInRow } of controls) {
      if (seen.has(key)) continue;
      seen.add(key);
      const alike = rows.get(kind) ?? 0;
      rows.set(kind, alike + 1);
      if (!isInRow || alike < 2) queue.push([...before, key]);
    }
  };
  await load(watched, url);
  take(await controlsOf(page), []);
  let pressed = 0;
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const known = faults.length;
    const isSeen = await press(watched, url, path);
    if (isSeen === undefined) continue;
    pressed++;
    const shown = path.map((key) => key.split(' | ')[0]).join(' > ');
    if (!isSeen) faults.push('nothing is seen of it');
    for (let i = known; i < faults.length; i++) faults[i] = `${shown}: ${faults[i]}`;
    if (path.length < DEPTH && page.url() === url) take(await controlsOf(page), path);
  }
  stop();
  return { pressed, faults };
}

/** What the page asks for in vain and what it says on the console, but for questions that it withdrew itself. */
function collectFailures(page: Page, faults: string[]): () => void {
  const collector = new AbortController();
  const add = (text: string): void => {
    if (!collector.signal.aborted) faults.push(text);
  };
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    if (reason !== 'net::ERR_ABORTED') add(`${request.url()}: ${reason}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) add(`${response.url()}: ${response.status()}`);
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) add(message.text());
  });
  page.on('pageerror', (error) => add(String(error)));
  return () => collector.abort();
}

async function load(watched: WatchedPage, url: string): Promise<void> {
  const { page } = watched;
  if (page.url() !== 'about:blank') await page.evaluate('localStorage.clear()');
  await page.goto('about:blank');
  await visit(watched, url);
  await page.evaluate(SCRIPT);
}

function controlsOf(page: Page): Promise<readonly Control[]> {
  return page.evaluate<readonly Control[]>('crawl.controls().map(crawl.of)');
}

/** Whether something was seen of the last press; undefined when the control is not there any more. */
async function press(watched: WatchedPage, url: string, path: Path): Promise<boolean | undefined> {
  const { page } = watched;
  await load(watched, url);
  let isSeen = false;
  for (const key of path) {
    const element = await find(page, key);
    if (element === undefined) return undefined;
    await element.focus(); // The link that passes the menu shows itself only then.
    await element.hover();
    await page.evaluate('crawl.watch()');
    const from = page.url();
    let isOut = false;
    const leave = (): void => {
      isOut = true;
    };
    page.once('download', leave);
    page.once('popup', leave);
    if (await isSelect(element)) {
      // A select box that its owner does not listen to falls back.
      const [chosen] = await element.selectOption({ index: 1 });
      isSeen = await happens(async () => (await element.inputValue()) === chosen);
    } else {
      await element.click();
      isSeen = await happens(async () => isOut || page.url() !== from || (await isChanged(page)));
    }
    page.off('download', leave);
    page.off('popup', leave);
  }
  return isSeen;
}

async function find(page: Page, key: string): Promise<ElementHandle | undefined> {
  const expression = `crawl.controls().find((at) => crawl.of(at).key === ${JSON.stringify(key)})`;
  let found: ElementHandle | undefined;
  await happens(async () => {
    found = (await page.evaluateHandle(expression)).asElement() ?? undefined;
    return found !== undefined;
  });
  return found;
}

function isSelect(element: ElementHandle): Promise<boolean> {
  return element.evaluate((node) => node.nodeName === 'SELECT');
}

/** A page that is being left has changed. */
function isChanged(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('crawl.isChanged()').catch(() => true);
}

async function happens(what: () => Promise<boolean>): Promise<boolean> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    if (await what()) return true;
    await sleep(20);
  }
  return false;
}
