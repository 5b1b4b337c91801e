/** Texts of the overview page. */
import { type TwoLanguages, twoLanguages } from './two-languages.ts';

const english = {
  title: 'Overview',
  picture: {
    label: 'The running system',
    table: 'The running system as a table',
    updated: (time: string) => `State of ${time}`,
    stale: (time: string) => `Nothing answers any more; this is the state of ${time}.`,
    partial: 'Some figures are missing:',
    nothing: 'No store is connected, and nothing is scraped yet.',
    nothingHelp: 'Start the querier with --endpoint=host:port of a sidecar or a store gateway.',
    flows: {
      scrape: 'scrapes',
      'remote read': 'remote read',
      StoreAPI: 'StoreAPI',
      HTTP: 'HTTP',
      blocks: 'blocks',
    },
  },
  kinds: {
    targets: 'Targets',
    prometheus: 'Prometheus',
    sidecar: 'Sidecar',
    receive: 'Receive',
    rule: 'Ruler',
    bucket: 'Object storage',
    store: 'Store gateway',
    compact: 'Compactor',
    query: 'Querier',
    'query-frontend': 'Query frontend',
    entry: 'Entry',
    client: 'Browser, Grafana',
    unknown: 'Component',
  },
  states: {
    ready: 'ready',
    starting: 'starting',
    'not ready': 'not ready',
    restarting: 'restarting',
    down: 'down',
    unknown: 'unknown',
    none: '',
  },
  figures: {
    lag: 'newest',
    lagValue: (age: string) => `${age} ago`,
    series: 'series',
    samples: 'samples/s',
    requests: 'requests/s',
    calls: 'calls/s',
    memory: 'memory',
    cpu: 'CPU',
    errors: 'errors, 5 m',
    up: 'up',
    upOf: (up: string, all: string) => `${up} of ${all}`,
    version: 'version',
    address: 'address',
    here: 'this page',
    state: 'state',
    component: 'component',
    measured: 'figures',
    reads: 'reads from',
    lastError: 'last error',
    none: '–',
  },
  restarted: (count: string) => `restarted ${count}×`,
  open: (name: string) => `${name}: open the page about it`,
  summary: {
    good: (count: string) => `All ${count} components are ready.`,
    bad: (ready: string, all: string, names: string) =>
      `${ready} of ${all} components are ready. Not ready: ${names}.`,
    replicas: (count: string) =>
      `${count} replicas hold the same series; queries fold them into one.`,
  },
  first: {
    title: 'What runs here, and what to try',
    running: {
      system:
        'Two Prometheus servers scrape the same targets. A sidecar beside each serves its series to two queriers, which fold both replicas into one. The entry in front of them is the one address for you and for Grafana.',
      query:
        'This querier answers PromQL over the stores below and folds replicas into one series.',
      prometheus: 'This server scrapes its targets, keeps their samples and answers PromQL.',
    },
    query: 'Run a query:',
    queries: {
      up: 'Which targets are up',
      samples: 'Samples per second of each replica',
      cpu: 'CPU of each component',
      latency: 'How long scrapes take',
    },
    kill: {
      title: 'End a replica and watch the graph go on',
      words:
        'In a terminal, end Prometheus A with the command below: its box turns, and it is started again within a second. The graph has no gap, since the other replica goes on.',
      command: (pid: string) => `kill -9 ${pid}`,
      see: 'See which replica supplied what',
    },
    config: {
      title: 'Scrape your own targets',
      words:
        'Stop the system with Ctrl-C and start it with your own configuration; one target alone is enough, too.',
      commands: {
        file: 'npm start -- --prometheus.config=prometheus.yml',
        target: 'npm start -- --target=127.0.0.1:9100',
      },
    },
    grafana: {
      title: 'Connect Grafana',
      words: 'Add a data source of type Prometheus with this URL:',
    },
    close: 'Hide these hints',
    open: 'What to try',
  },
};

export const overviewText: TwoLanguages<typeof english> = twoLanguages(english, {
  title: '개요',
  picture: {
    label: '실행 중인 시스템',
    table: '실행 중인 시스템(표)',
    updated: (time) => `${time} 기준`,
    stale: (time) => `응답이 없습니다. ${time}의 상태를 표시합니다.`,
    partial: '일부 수치가 없습니다:',
    nothing: '연결된 스토어가 없고 수집 중인 타깃도 없습니다.',
    nothingHelp:
      '사이드카나 스토어 게이트웨이의 주소를 --endpoint=host:port로 지정해 쿼리어를 시작하세요.',
    flows: {
      scrape: '수집',
      'remote read': '원격 읽기',
      StoreAPI: 'StoreAPI',
      HTTP: 'HTTP',
      blocks: '블록',
    },
  },
  kinds: {
    targets: '타깃',
    prometheus: 'Prometheus',
    sidecar: '사이드카',
    receive: '리시버',
    rule: '룰러',
    bucket: '오브젝트 스토리지',
    store: '스토어 게이트웨이',
    compact: '컴팩터',
    query: '쿼리어',
    'query-frontend': '쿼리 프런트엔드',
    entry: '엔트리',
    client: '브라우저, Grafana',
    unknown: '컴포넌트',
  },
  states: {
    ready: '정상',
    starting: '시작 중',
    'not ready': '준비 안 됨',
    restarting: '재시작 중',
    down: '중단됨',
    unknown: '알 수 없음',
    none: '',
  },
  figures: {
    lag: '최신 샘플',
    lagValue: (age) => `${age} 전`,
    series: '시계열',
    samples: '샘플/초',
    requests: '요청/초',
    calls: '호출/초',
    memory: '메모리',
    cpu: 'CPU',
    errors: '오류(5분)',
    up: '정상',
    upOf: (up, all) => `${all}개 중 ${up}개`,
    version: '버전',
    address: '주소',
    here: '이 페이지',
    state: '상태',
    component: '컴포넌트',
    measured: '수치',
    reads: '읽는 곳',
    lastError: '마지막 오류',
    none: '–',
  },
  restarted: (count) => `${count}회 재시작`,
  open: (name) => `${name}: 관련 페이지 열기`,
  summary: {
    good: (count) => `컴포넌트 ${count}개가 모두 정상입니다.`,
    bad: (ready, all, names) =>
      `컴포넌트 ${all}개 중 ${ready}개가 정상입니다. 정상이 아닌 컴포넌트: ${names}.`,
    replicas: (count) =>
      `레플리카 ${count}개가 같은 시계열을 보관하며, 쿼리할 때 하나로 합쳐집니다.`,
  },
  first: {
    title: '지금 실행 중인 것과 해 볼 만한 것',
    running: {
      system:
        'Prometheus 서버 두 대가 같은 타깃을 수집합니다. 각 서버 옆의 사이드카가 시계열을 쿼리어 두 대에 제공하고, 쿼리어는 두 레플리카를 하나로 합칩니다. 맨 앞의 엔트리 주소 하나로 브라우저와 Grafana가 접속합니다.',
      query:
        '이 쿼리어는 아래 스토어들에 대해 PromQL을 실행하고 레플리카를 하나의 시계열로 합칩니다.',
      prometheus: '이 서버는 타깃을 수집해 샘플을 저장하고 PromQL 쿼리에 응답합니다.',
    },
    query: '쿼리 실행해 보기:',
    queries: {
      up: '타깃이 살아 있는지',
      samples: '레플리카별 초당 샘플 수',
      cpu: '컴포넌트별 CPU 사용량',
      latency: '수집에 걸리는 시간',
    },
    kill: {
      title: '레플리카를 강제로 종료하고 그래프가 이어지는지 보기',
      words:
        '터미널에서 아래 명령으로 Prometheus A를 종료해 보세요. 상자의 상태가 바뀌고 1초 안에 다시 시작됩니다. 다른 레플리카가 계속 수집하므로 그래프는 끊기지 않습니다.',
      command: (pid) => `kill -9 ${pid}`,
      see: '어느 레플리카의 샘플인지 보기',
    },
    config: {
      title: '내 타깃 수집하기',
      words:
        'Ctrl-C로 시스템을 멈춘 뒤 내 설정 파일로 다시 시작하세요. 타깃 하나만 지정해도 됩니다.',
      commands: {
        file: 'npm start -- --prometheus.config=prometheus.yml',
        target: 'npm start -- --target=127.0.0.1:9100',
      },
    },
    grafana: {
      title: 'Grafana 연결하기',
      words: 'Prometheus 유형의 데이터 소스를 추가하고 아래 URL을 입력하세요:',
    },
    close: '안내 숨기기',
    open: '해 볼 만한 것',
  },
});
