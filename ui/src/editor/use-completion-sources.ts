/** The words that completion offers, in the reader's language. */
import { useMemo } from 'react';
import { promqlTexts } from '../text/promql.ts';
import { useFormats, useText } from '../text/use-text.ts';
import type { CompletionSources } from './complete-query.ts';
import type { EditorProps } from './editor-props.ts';
import { helpNode, staticWords } from './static-words.ts';

export function useCompletionSources({
  vocabulary,
  history,
  syntax,
}: Pick<EditorProps, 'vocabulary' | 'history' | 'syntax'>): CompletionSources {
  const text = useText();
  const { language } = useFormats().settings;
  const words = useMemo(() => staticWords(promqlTexts(language), syntax), [language, syntax]);
  return useMemo(
    () => ({
      vocabulary,
      history,
      words,
      describeMetric: async (name) => {
        const help = await vocabulary.helpOf(name).catch(() => undefined);
        if (help === undefined) return helpNode(name, text.editor.noHelp);
        const type = help.type === '' ? '' : ` · ${help.type}`;
        return helpNode(`${name}${type}`, help.help);
      },
    }),
    [vocabulary, history, words, text],
  );
}
