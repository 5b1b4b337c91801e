/** Texts of the page of replicas. */
import { type TwoLanguages, twoLanguages } from './two-languages.ts';

const english = {
  title: 'Replicas',
};

export const replicasText: TwoLanguages<typeof english> = twoLanguages(english, {
  title: '레플리카',
});
