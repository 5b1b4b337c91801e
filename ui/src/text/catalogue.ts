/** Every text of the UI, by the room that shows it, in each language. */
import { appText } from './app.ts';
import { editorText } from './editor.ts';
import { exploreText } from './explore.ts';
import { graphText } from './graph.ts';
import type { Language } from './language.ts';
import { overviewText } from './overview.ts';
import { partsText } from './parts.ts';
import { replicasText } from './replicas.ts';
import { statusText } from './status.ts';

const english = {
  app: appText.en,
  parts: partsText.en,
  graph: graphText.en,
  editor: editorText.en,
  explore: exploreText.en,
  overview: overviewText.en,
  replicas: replicasText.en,
  status: statusText.en,
};

export type Catalogue = typeof english;

const korean: Catalogue = {
  app: appText.ko,
  parts: partsText.ko,
  graph: graphText.ko,
  editor: editorText.ko,
  explore: exploreText.ko,
  overview: overviewText.ko,
  replicas: replicasText.ko,
  status: statusText.ko,
};

export const CATALOGUES: Readonly<Record<Language, Catalogue>> = { en: english, ko: korean };
