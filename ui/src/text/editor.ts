/** Texts of the query editor. */
import { type TwoLanguages, twoLanguages } from './two-languages.ts';

const english = {
  title: 'Query editor',
};

export const editorText: TwoLanguages<typeof english> = twoLanguages(english, {
  title: '쿼리 편집기',
});
