/** Texts of the shared components. */
import { type TwoLanguages, twoLanguages } from './two-languages.ts';

const english = {
  copy: 'Copy',
  copied: 'Copied',
  loading: 'Loading',
  retry: 'Try again',
};

export const partsText: TwoLanguages<typeof english> = twoLanguages(english, {
  copy: '복사',
  copied: '복사했습니다',
  loading: '불러오는 중',
  retry: '다시 시도',
});
