/** Texts of the page of replicas. */
import { type TwoLanguages, twoLanguages } from './two-languages.ts';

const english = {
  title: 'Replicas',
  intro:
    'Shows which replica supplied each stretch of a series after deduplication, and the gaps that it closed.',
  selector: 'Series selector',
  selectorHint: 'Such as up{job="prometheus"}',
  show: 'Show',
  range: 'Range',
  earlier: 'Earlier',
  later: 'Later',
  now: 'now',
  seriesFound: (count: string) => `${count} series match; choose one`,
  seriesCut: (count: string) =>
    `More than ${count} series match: narrow the selector down to see others.`,
  lanes: 'Lanes of samples',
  lane: (name: string) => `Replica ${name}`,
  onlyOne: 'no replica label',
  result: 'Result',
  samples: (count: string) => (count === '1' ? '1 sample' : `${count} samples`),
  interval: (duration: string) => `every ${duration}`,
  gapCount: (count: string) => (count === '1' ? '1 gap' : `${count} gaps`),
  suppliedShare: (percent: string) => `supplied ${percent} %`,
  unknownSupplier: 'no replica',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  zoomReset: 'Whole range',
  zoomHint:
    'Drag over the lanes to zoom, double-click to see the whole range. Arrow keys move the cursor from sample to sample.',
  cursor: {
    sample: (value: string, time: string) => `${value} at ${time}`,
    noSample: 'no sample near',
    from: (name: string) => `from ${name}`,
  },
  said: {
    nothing: 'There are no samples in this range.',
    single: (count: string) =>
      `Only one replica has this series: its ${count} samples are the result as they are.`,
    folded: (result: string, all: string, replicas: string) =>
      `Deduplication made ${result} samples out of the ${all} that ${replicas} replicas have.`,
    switches: (count: string) =>
      count === '1' ? 'It changed replica once.' : `It changed replica ${count} times.`,
    noSwitch: 'It stayed with one replica all the time.',
    filled: (count: string, duration: string) =>
      count === '1'
        ? `One gap of a replica was closed, ${duration} long.`
        : `${count} gaps of replicas were closed, ${duration} in all.`,
    noGaps: 'No replica has a gap.',
    left: (count: string) =>
      count === '1'
        ? 'One gap is left: no replica has samples then.'
        : `${count} gaps are left: no replica has samples then.`,
    leftShort: (count: string) =>
      count === '1'
        ? 'One gap was too short to change replica for: queries reach over it.'
        : `${count} gaps were too short to change replica for: queries reach over them.`,
    foreign: (count: string) =>
      `${count} samples are no replica's own: the server has changed them while folding.`,
  },
  filled: {
    title: 'Gaps that were closed',
    none: 'No replica has a gap in this range that another one could close.',
    replica: 'Gap of',
    start: 'Last sample before',
    end: 'First sample after',
    length: 'Length',
    by: 'Closed by',
    samples: 'Samples',
    look: 'Look at this gap',
    more: (count: string) => `${count} more are not listed: zoom in to see them.`,
  },
  left: {
    title: 'Gaps that are left',
    start: 'From',
    end: 'To',
    held: 'Has samples then',
    nobody: 'no replica',
  },
  histograms: 'This is a native histogram: its samples are compared as wholes.',
  empty: {
    start: 'Enter a selector, or choose one of these:',
    examples: { up: 'up', samples: 'samples appended', memory: 'memory' },
    none: 'No series matches in this range.',
    noneHelp: 'Try a longer range, or look the name up in the metrics explorer.',
    explorer: 'Metrics explorer',
  },
  noReplicas: 'The server has no replica labels: start the querier with --query.replica-label.',
  explore: 'Open in Explore',
};

export const replicasText: TwoLanguages<typeof english> = twoLanguages(english, {
  title: '레플리카',
  intro:
    '중복 제거 후 시계열의 각 구간이 어느 레플리카에서 왔는지, 어떤 공백이 메워졌는지 보여 줍니다.',
  selector: '시계열 셀렉터',
  selectorHint: '예: up{job="prometheus"}',
  show: '보기',
  range: '범위',
  earlier: '이전',
  later: '이후',
  now: '지금',
  seriesFound: (count) => `시계열 ${count}개가 일치합니다. 하나를 고르세요.`,
  seriesCut: (count) => `일치하는 시계열이 ${count}개를 넘습니다. 셀렉터를 더 좁혀 주세요.`,
  lanes: '샘플 레인',
  lane: (name) => `레플리카 ${name}`,
  onlyOne: '레플리카 레이블 없음',
  result: '결과',
  samples: (count) => `샘플 ${count}개`,
  interval: (duration) => `${duration} 간격`,
  gapCount: (count) => `공백 ${count}개`,
  suppliedShare: (percent) => `결과의 ${percent}% 제공`,
  unknownSupplier: '해당 레플리카 없음',
  zoomIn: '확대',
  zoomOut: '축소',
  zoomReset: '전체 범위',
  zoomHint:
    '레인 위를 드래그하면 확대되고 두 번 클릭하면 전체 범위로 돌아갑니다. 화살표 키로 샘플 사이를 이동할 수 있습니다.',
  cursor: {
    sample: (value, time) => `${time} · ${value}`,
    noSample: '가까운 샘플 없음',
    from: (name) => `${name}에서 가져옴`,
  },
  said: {
    nothing: '이 범위에는 샘플이 없습니다.',
    single: (count) =>
      `레플리카 하나만 이 시계열을 가지고 있습니다. 샘플 ${count}개가 그대로 결과가 되었습니다.`,
    folded: (result, all, replicas) =>
      `레플리카 ${replicas}개의 샘플 ${all}개에서 중복을 제거해 ${result}개로 만들었습니다.`,
    switches: (count) => `사용한 레플리카가 ${count}번 바뀌었습니다.`,
    noSwitch: '처음부터 끝까지 한 레플리카를 사용했습니다.',
    filled: (count, duration) => `레플리카의 공백 ${count}개(총 ${duration})를 메웠습니다.`,
    noGaps: '어느 레플리카에도 공백이 없습니다.',
    left: (count) => `공백 ${count}개가 남았습니다. 그때는 샘플을 가진 레플리카가 없습니다.`,
    leftShort: (count) =>
      `공백 ${count}개는 레플리카를 바꾸기에는 너무 짧습니다. 쿼리는 이 공백을 건너뛰어 읽습니다.`,
    foreign: (count) =>
      `샘플 ${count}개는 어느 레플리카의 것과도 다릅니다. 서버가 합치면서 값을 바꾸었습니다.`,
  },
  filled: {
    title: '메워진 공백',
    none: '이 범위에는 다른 레플리카가 메울 수 있는 공백이 없습니다.',
    replica: '공백이 있는 레플리카',
    start: '공백 전 마지막 샘플',
    end: '공백 후 첫 샘플',
    length: '길이',
    by: '메운 레플리카',
    samples: '샘플',
    look: '이 공백 보기',
    more: (count) => `${count}개가 더 있습니다. 확대해서 확인하세요.`,
  },
  left: {
    title: '남은 공백',
    start: '시작',
    end: '끝',
    held: '그때 샘플이 있는 레플리카',
    nobody: '없음',
  },
  histograms: '네이티브 히스토그램이므로 샘플 전체를 비교합니다.',
  empty: {
    start: '셀렉터를 입력하거나 다음 중 하나를 고르세요:',
    examples: { up: 'up', samples: '추가된 샘플', memory: '메모리' },
    none: '이 범위에 일치하는 시계열이 없습니다.',
    noneHelp: '범위를 늘리거나 메트릭 탐색기에서 이름을 확인하세요.',
    explorer: '메트릭 탐색기',
  },
  noReplicas: '서버에 레플리카 레이블이 없습니다. 쿼리어를 --query.replica-label로 시작하세요.',
  explore: '탐색에서 열기',
});
