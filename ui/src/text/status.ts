/** Texts of the status pages. */
import { type TwoLanguages, twoLanguages } from './two-languages.ts';

const english = {
  titles: {
    stores: 'Stores',
    targets: 'Targets',
    discovery: 'Service discovery',
    metrics: 'Metrics explorer',
    tsdb: 'TSDB status',
    flags: 'Command-line flags',
    config: 'Configuration',
    runtime: 'Runtime and build',
  },
};

export const statusText: TwoLanguages<typeof english> = twoLanguages(english, {
  titles: {
    stores: '스토어',
    targets: '타깃',
    discovery: '서비스 디스커버리',
    metrics: '메트릭 탐색기',
    tsdb: 'TSDB 상태',
    flags: '명령줄 플래그',
    config: '설정 파일',
    runtime: '런타임과 빌드',
  },
});
