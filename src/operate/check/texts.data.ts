/** What `tsanos check` says, in English and Korean: what is so, and how to mend it. */

export type Language = 'en' | 'ko';
export type Sentence = Readonly<Record<Language, string>>;

export interface CheckText {
  /** `{name}` stands for a value. */
  readonly say: Sentence;
  readonly mend?: Sentence;
}

export const TITLES = {
  heading: {
    en: 'HA check of {url}',
    ko: '고가용성 점검: {url}',
  },
  sound: {
    en: 'Everything is right.',
    ko: '모두 정상입니다.',
  },
  summary: {
    en: '{good} right, {warning} to look at, {trouble} wrong, {unknown} not known.',
    ko: '정상 {good}, 주의 {warning}, 문제 {trouble}, 확인 불가 {unknown}.',
  },
};

/** Component types as they are counted: one, several; Korean has one form and its own counter. */
export const COMPONENTS: Readonly<
  Record<string, { readonly one: string; readonly many: string; readonly ko: string }>
> = {
  sidecar: { one: 'sidecar', many: 'sidecars', ko: '사이드카' },
  store: { one: 'store', many: 'stores', ko: '스토어' },
  rule: { one: 'ruler', many: 'rulers', ko: '룰러' },
  receive: { one: 'receiver', many: 'receivers', ko: '리시버' },
  query: { one: 'querier', many: 'queriers', ko: '쿼리어' },
  unknown: { one: 'unknown endpoint', many: 'unknown endpoints', ko: '알 수 없는 엔드포인트' },
};

export const TEXTS = {
  // The querier and what is connected to it.
  'querier-answers': {
    say: {
      en: 'the querier answers in {ms} ms (version {version})',
      ko: '쿼리어가 {ms} ms 만에 응답합니다(버전 {version})',
    },
  },
  'querier-away': {
    say: {
      en: 'no answer from {url}: {reason}',
      ko: '{url} 에서 응답이 없습니다: {reason}',
    },
    mend: {
      en: 'Start the system with `tsanos up`, or give the address of your querier: `tsanos check http://HOST:PORT`.',
      ko: '`tsanos up` 으로 시스템을 시작하거나 쿼리어 주소를 지정하십시오: `tsanos check http://호스트:포트`.',
    },
  },
  'querier-warns': {
    say: {
      en: 'answers are partial ({count} warnings), first: {first}',
      ko: '응답이 일부만 포함합니다(경고 {count}건). 첫 번째: {first}',
    },
    mend: {
      en: 'Look at the endpoint that the warning names: it is away, too slow or refuses the querier.',
      ko: '경고에 나온 엔드포인트를 확인하십시오. 중단되었거나 너무 느리거나 쿼리어를 거부하고 있습니다.',
    },
  },
  'stores-connected': {
    say: { en: '{list|counts} connected', ko: '{list|counts} 연결됨' },
  },
  'stores-none': {
    say: { en: 'the querier has no endpoints', ko: '쿼리어에 연결된 엔드포인트가 없습니다' },
    mend: {
      en: 'Start it with one --endpoint=HOST:PORT for the gRPC address of each sidecar and store gateway.',
      ko: '사이드카와 스토어 게이트웨이의 gRPC 주소마다 --endpoint=호스트:포트 를 붙여 쿼리어를 시작하십시오.',
    },
  },
  'stores-no-live': {
    say: {
      en: 'no sidecar or receiver is connected: nothing new can be queried',
      ko: '연결된 사이드카나 리시버가 없어 최신 데이터를 조회할 수 없습니다',
    },
    mend: {
      en: 'Put a sidecar beside each Prometheus and name it to the querier with --endpoint.',
      ko: '각 Prometheus 옆에 사이드카를 두고 쿼리어에 --endpoint 로 지정하십시오.',
    },
  },
  'store-fault': {
    say: {
      en: '{type} {address} does not answer: {reason}',
      ko: '{type} {address} 이(가) 응답하지 않습니다: {reason}',
    },
    mend: {
      en: 'See whether the process runs, whether the address is its gRPC address, and whether a firewall, NetworkPolicy or TLS setting is in the way.',
      ko: '프로세스가 실행 중인지, 주소가 gRPC 주소인지, 방화벽·NetworkPolicy·TLS 설정이 막고 있지 않은지 확인하십시오.',
    },
  },
  'stores-few': {
    say: {
      en: '{seen} of type {type} connected, {wanted} expected',
      ko: '{type} 유형은 {wanted}개가 필요하지만 {seen}개만 연결되어 있습니다',
    },
    mend: {
      en: 'Start the missing ones, or name them to the querier with --endpoint.',
      ko: '빠진 것을 시작하거나 쿼리어에 --endpoint 로 지정하십시오.',
    },
  },
  'sidecars-reach': {
    say: {
      en: 'every sidecar reaches its Prometheus',
      ko: '모든 사이드카가 Prometheus 에 연결됩니다',
    },
  },
  'sidecars-untold': {
    say: {
      en: 'no metrics of sidecars: nobody scrapes them',
      ko: '사이드카 메트릭이 없습니다. 수집하는 곳이 없습니다',
    },
    mend: {
      en: 'Add the HTTP addresses of the sidecars to scrape_configs of both replicas: their alerts need it too.',
      ko: '두 복제본의 scrape_configs 에 사이드카의 HTTP 주소를 추가하십시오. 알림에도 필요합니다.',
    },
  },
  'sidecar-lonely': {
    say: {
      en: 'the sidecar {instance} does not reach its Prometheus',
      ko: '사이드카 {instance} 이(가) Prometheus 에 연결하지 못합니다',
    },
    mend: {
      en: 'See whether that Prometheus runs and whether --prometheus.url of the sidecar is its address.',
      ko: '해당 Prometheus 가 실행 중인지, 사이드카의 --prometheus.url 이 맞는지 확인하십시오.',
    },
  },

  // Replicas and labels.
  'replicas-pair': {
    say: {
      en: '{count} replicas of {group}: {list}',
      ko: '{group} 의 복제본 {count}개: {list}',
    },
  },
  'replica-single': {
    say: {
      en: '{group} has one replica only ({list}): when it is down, nothing is recorded',
      ko: '{group} 의 복제본이 하나뿐입니다({list}). 중단되면 아무것도 기록되지 않습니다',
    },
    mend: {
      en: 'Run a second Prometheus with the same scrape_configs, the same external labels but for the replica label, and a sidecar beside it.',
      ko: '같은 scrape_configs 와, 복제본 레이블만 다른 같은 external_labels 로 두 번째 Prometheus 와 사이드카를 실행하십시오.',
    },
  },
  'replicas-none': {
    say: { en: 'no replicas to be seen', ko: '확인할 수 있는 복제본이 없습니다' },
  },
  'server-unseen': {
    say: {
      en: 'the Prometheus {url} {labels} is behind no sidecar that the querier knows',
      ko: 'Prometheus {url} {labels} 은(는) 쿼리어가 아는 어떤 사이드카 뒤에도 없습니다',
    },
    mend: {
      en: 'Start a sidecar with --prometheus.url={url} and name it to the querier with --endpoint.',
      ko: '--prometheus.url={url} 로 사이드카를 시작하고 쿼리어에 --endpoint 로 지정하십시오.',
    },
  },
  'replica-flag-untold': {
    say: {
      en: 'the querier does not tell which replica labels it drops',
      ko: '쿼리어가 어떤 복제본 레이블을 제거하는지 알려주지 않습니다',
    },
    mend: {
      en: 'Give the address of the querier itself instead of a proxy before it.',
      ko: '앞단 프록시가 아니라 쿼리어 자체의 주소를 지정하십시오.',
    },
  },
  'replica-flag-missing': {
    say: {
      en: 'the querier drops no replica label: every series comes as often as there are replicas',
      ko: '쿼리어가 복제본 레이블을 제거하지 않아 모든 시계열이 복제본 수만큼 중복됩니다',
    },
    mend: {
      en: 'Start it with --query.replica-label={label}.',
      ko: '--query.replica-label={label} 을(를) 붙여 쿼리어를 시작하십시오.',
    },
  },
  'replica-label-unclear': {
    say: {
      en: 'the querier drops no replica label, and none of the usual names is among the external labels: {labels}',
      ko: '쿼리어가 복제본 레이블을 제거하지 않으며, 외부 레이블에도 흔한 복제본 레이블 이름이 없습니다: {labels}',
    },
    mend: {
      en: 'Give each Prometheus an external label `replica` with a value of its own, and the querier --query.replica-label=replica.',
      ko: '각 Prometheus 의 external_labels 에 서로 다른 값의 `replica` 를 넣고, 쿼리어에 --query.replica-label=replica 를 지정하십시오.',
    },
  },
  'replica-label-missing': {
    say: {
      en: 'the replica {labels} has no label {label}: it cannot be merged with its twin',
      ko: '복제본 {labels} 에 {label} 레이블이 없어 다른 복제본과 병합할 수 없습니다',
    },
    mend: {
      en: 'Add `{label}` with a value of its own under global.external_labels of that Prometheus, or name the label it has with --query.replica-label.',
      ko: '해당 Prometheus 의 global.external_labels 에 고유한 값의 `{label}` 을(를) 추가하거나, 실제 레이블 이름을 --query.replica-label 로 지정하십시오.',
    },
  },
  'replica-label-kept': {
    say: {
      en: 'merged answers still carry the label {label}, each series {times} times: {example}',
      ko: '병합된 응답에 {label} 레이블이 남아 있어 시계열이 {times}번씩 나옵니다: {example}',
    },
    mend: {
      en: 'Start every querier on the way with --query.replica-label={label}.',
      ko: '경로에 있는 모든 쿼리어를 --query.replica-label={label} 로 시작하십시오.',
    },
  },
  'replica-label-dropped': {
    say: {
      en: 'the replica label is dropped: {label}',
      ko: '복제본 레이블이 제거됩니다: {label}',
    },
  },
  'labels-differ': {
    say: {
      en: 'the external labels of all {count} sidecars differ',
      ko: '사이드카 {count}개의 외부 레이블이 모두 다릅니다',
    },
  },
  'labels-equal': {
    say: {
      en: '{list} have the same external labels {labels}: their samples are mixed and their blocks collide',
      ko: '{list} 의 외부 레이블이 같습니다 {labels}. 샘플이 섞이고 블록이 충돌합니다',
    },
    mend: {
      en: 'Give each Prometheus its own value of the replica label under global.external_labels, then reload both.',
      ko: '각 Prometheus 의 global.external_labels 에서 복제본 레이블 값을 다르게 하고 둘 다 다시 불러오십시오.',
    },
  },
  'labels-empty': {
    say: {
      en: 'the Prometheus behind {address} has no external labels',
      ko: '{address} 뒤의 Prometheus 에 외부 레이블이 없습니다',
    },
    mend: {
      en: 'Set global.external_labels: one label that names the system, one that names the replica.',
      ko: 'global.external_labels 에 시스템을 나타내는 레이블과 복제본을 나타내는 레이블을 설정하십시오.',
    },
  },

  // What is scraped.
  'series-untold': {
    say: {
      en: 'the querier did not answer the question for `up`',
      ko: '쿼리어가 `up` 조회에 응답하지 않았습니다',
    },
    mend: {
      en: 'Ask it in the browser: the error tells more.',
      ko: '브라우저에서 조회해 보십시오. 오류 내용에서 원인을 알 수 있습니다.',
    },
  },
  'lag-fresh': {
    say: {
      en: 'the newest sample of replica {replica} is {seconds} s old',
      ko: '복제본 {replica} 의 최신 샘플은 {seconds}초 전 것입니다',
    },
  },
  'lag-behind': {
    say: {
      en: 'replica {replica} lags: its newest sample is {seconds} s old, at most {limit} s would be right',
      ko: '복제본 {replica} 이(가) 뒤처져 있습니다. 최신 샘플이 {seconds}초 전 것입니다(허용 {limit}초)',
    },
    mend: {
      en: 'See on its /targets page whether it scrapes, and in its log whether it is overloaded or its disk is full.',
      ko: '/targets 화면에서 수집 여부를, 로그에서 과부하나 디스크 부족을 확인하십시오.',
    },
  },
  'lag-none': {
    say: {
      en: 'replica {replica} has given no sample for five minutes',
      ko: '복제본 {replica} 에서 5분 동안 샘플이 없습니다',
    },
    mend: {
      en: 'See whether that Prometheus runs and has targets, and whether its sidecar reaches it.',
      ko: '해당 Prometheus 가 실행 중이고 수집 대상이 있는지, 사이드카가 연결되는지 확인하십시오.',
    },
  },
  'targets-same': {
    say: {
      en: 'all replicas of {group} scrape the same {count} targets',
      ko: '{group} 의 모든 복제본이 같은 대상 {count}개를 수집합니다',
    },
  },
  'targets-missing': {
    say: {
      en: 'replica {replica} does not scrape {count} targets that its twin scrapes, such as {example}',
      ko: '복제본 {replica} 은(는) 다른 복제본이 수집하는 대상 {count}개를 수집하지 않습니다. 예: {example}',
    },
    mend: {
      en: 'Compare scrape_configs and the /service-discovery pages of both, and whether both were reloaded. While the twin is down, these targets have a gap.',
      ko: '두 복제본의 scrape_configs 와 /service-discovery 화면, 설정 재적용 여부를 비교하십시오. 다른 복제본이 중단되면 이 대상에 공백이 생깁니다.',
    },
  },
  'targets-split': {
    say: {
      en: '{count} targets are up for one replica and down for another, such as {example}',
      ko: '대상 {count}개가 한 복제본에서는 정상, 다른 복제본에서는 중단 상태입니다. 예: {example}',
    },
    mend: {
      en: 'See the error on /targets of the replica that cannot reach it: firewall, DNS, certificate, timeout.',
      ko: '연결하지 못하는 복제본의 /targets 에서 오류를 확인하십시오(방화벽, DNS, 인증서, 시간 초과).',
    },
  },
  'targets-holes': {
    say: {
      en: 'replica {replica} made {percent} % of the scrapes of its twin in the last half hour',
      ko: '복제본 {replica} 의 최근 30분 수집 횟수는 다른 복제본의 {percent} % 입니다',
    },
    mend: {
      en: 'It was down or overloaded: its twin has filled the gaps. Look at its log and at process_start_time_seconds.',
      ko: '중단되었거나 과부하였습니다(공백은 다른 복제본이 채웠습니다). 로그와 process_start_time_seconds 를 확인하십시오.',
    },
  },
  'clocks-agree': {
    say: {
      en: '{count} clocks agree with this machine',
      ko: '시계 {count}개가 이 컴퓨터와 일치합니다',
    },
  },
  'clocks-untold': {
    say: { en: 'no server tells its time', ko: '시간을 알려주는 서버가 없습니다' },
  },
  'clock-ahead': {
    say: {
      en: 'the clock of {url} is {seconds} s ahead of this machine',
      ko: '{url} 의 시계가 이 컴퓨터보다 {seconds}초 빠릅니다',
    },
    mend: {
      en: 'Run an NTP service (chrony, systemd-timesyncd) on all machines: replicas with different clocks cannot be merged well.',
      ko: '모든 컴퓨터에서 NTP(chrony, systemd-timesyncd)를 실행하십시오. 시계가 다르면 복제본을 제대로 병합할 수 없습니다.',
    },
  },
  'clock-behind': {
    say: {
      en: 'the clock of {url} is {seconds} s behind this machine',
      ko: '{url} 의 시계가 이 컴퓨터보다 {seconds}초 느립니다',
    },
    mend: {
      en: 'Run an NTP service (chrony, systemd-timesyncd) on all machines: replicas with different clocks cannot be merged well.',
      ko: '모든 컴퓨터에서 NTP(chrony, systemd-timesyncd)를 실행하십시오. 시계가 다르면 복제본을 제대로 병합할 수 없습니다.',
    },
  },
  'clock-future': {
    say: {
      en: 'replica {replica} has samples {seconds} s in the future of the querier: one of their clocks is wrong',
      ko: '복제본 {replica} 에 쿼리어보다 {seconds}초 미래의 샘플이 있습니다. 둘 중 하나의 시계가 틀립니다',
    },
    mend: {
      en: 'Run an NTP service (chrony, systemd-timesyncd) on the machines of both.',
      ko: '두 컴퓨터에서 NTP(chrony, systemd-timesyncd)를 실행하십시오.',
    },
  },

  // The servers themselves.
  'servers-well': {
    say: {
      en: '{count} Prometheus servers reached, their configuration and WAL are sound',
      ko: 'Prometheus 서버 {count}개에 연결했으며 설정과 WAL 이 정상입니다',
    },
  },
  'servers-none': {
    say: {
      en: 'no Prometheus server is known by address: flags, clocks and disks cannot be looked at',
      ko: '주소를 아는 Prometheus 서버가 없어 플래그, 시계, 디스크를 확인할 수 없습니다',
    },
    mend: {
      en: 'Give their addresses: `tsanos check --prometheus.url=http://HOST:PORT …`.',
      ko: '주소를 지정하십시오: `tsanos check --prometheus.url=http://호스트:포트 …`.',
    },
  },
  'server-unreached': {
    say: {
      en: 'the Prometheus {url} cannot be asked: {reason}',
      ko: 'Prometheus {url} 에 문의할 수 없습니다: {reason}',
    },
    mend: {
      en: 'Run the check where that address can be reached, or give another with --prometheus.url.',
      ko: '해당 주소에 연결되는 곳에서 점검하거나 --prometheus.url 로 다른 주소를 지정하십시오.',
    },
  },
  'config-rejected': {
    say: {
      en: 'the last reload of {url} failed: it runs with an old configuration',
      ko: '{url} 의 마지막 설정 재적용이 실패하여 이전 설정으로 실행 중입니다',
    },
    mend: {
      en: 'Test the file with `promtool check config`, mend it, and reload.',
      ko: '`promtool check config` 로 파일을 검사하고 고친 뒤 다시 불러오십시오.',
    },
  },
  'wal-corrupt': {
    say: {
      en: '{url} found {count} corruptions in its WAL or head',
      ko: '{url} 의 WAL 또는 헤드에서 손상 {count}건이 발견되었습니다',
    },
    mend: {
      en: 'See its log for what was lost, and the disk for faults (`dmesg`, SMART). The twin holds what is missing.',
      ko: '로그에서 유실된 내용을, `dmesg` 와 SMART 로 디스크 결함을 확인하십시오. 빠진 데이터는 다른 복제본에 있습니다.',
    },
  },
  'configs-same': {
    say: {
      en: '{count} replicas have the same jobs and scrape interval',
      ko: '복제본 {count}개의 작업과 수집 주기가 같습니다',
    },
  },
  'jobs-differ': {
    say: {
      en: 'only one of {one} and {other} has these jobs: {list}',
      ko: '{one} 과(와) {other} 중 한쪽에만 있는 작업입니다: {list}',
    },
    mend: {
      en: 'Give both the same scrape_configs and reload both.',
      ko: '두 서버에 같은 scrape_configs 를 적용하고 다시 불러오십시오.',
    },
  },
  'intervals-differ': {
    say: {
      en: '{one} scrapes every {a} s, {other} every {b} s: merged series change their rhythm',
      ko: '{one} 은(는) {a}초, {other} 은(는) {b}초마다 수집하여 병합된 시계열의 간격이 바뀝니다',
    },
    mend: {
      en: 'Set the same global.scrape_interval on both.',
      ko: '두 서버의 global.scrape_interval 을 같게 하십시오.',
    },
  },
  'blocks-untold': {
    say: {
      en: 'blocks are uploaded, but no Prometheus could be asked for its block durations',
      ko: '블록이 업로드되고 있지만 블록 길이를 확인할 수 있는 Prometheus 가 없습니다',
    },
    mend: {
      en: 'Give their addresses with --prometheus.url.',
      ko: '--prometheus.url 로 주소를 지정하십시오.',
    },
  },
  'block-flags-untold': {
    say: {
      en: '{url} does not tell its block durations',
      ko: '{url} 이(가) 블록 길이를 알려주지 않습니다',
    },
  },
  'blocks-equal': {
    say: {
      en: 'blocks beside the shipper are {min} long and stay so',
      ko: '업로드되는 블록의 길이는 {min} 로 고정되어 있습니다',
    },
  },
  'blocks-unequal': {
    say: {
      en: '{url} compacts blocks (from {min} up to {max}) while they are uploaded: the bucket gets overlaps or gaps',
      ko: '{url} 이(가) 업로드 중인 블록을 압축합니다({min}~{max}). 버킷에 겹침이나 누락이 생깁니다',
    },
    mend: {
      en: 'Start it with --storage.tsdb.min-block-duration=2h --storage.tsdb.max-block-duration=2h, or with --storage.tsdb.delay-compact-file.path at thanos.shipper.json.',
      ko: '--storage.tsdb.min-block-duration=2h --storage.tsdb.max-block-duration=2h 로 시작하거나, --storage.tsdb.delay-compact-file.path 를 thanos.shipper.json 으로 지정하십시오.',
    },
  },
  'blocks-long': {
    say: {
      en: '{url} cuts blocks every {min}: so much is lost with its disk before it is uploaded',
      ko: '{url} 의 블록 길이가 {min} 입니다. 업로드 전에 디스크를 잃으면 그만큼 유실됩니다',
    },
    mend: {
      en: 'Start it with --storage.tsdb.min-block-duration=2h --storage.tsdb.max-block-duration=2h.',
      ko: '--storage.tsdb.min-block-duration=2h --storage.tsdb.max-block-duration=2h 로 시작하십시오.',
    },
  },
  'retention-untold': {
    say: {
      en: 'no Prometheus could be asked for its retention',
      ko: '보존 기간을 확인할 수 있는 Prometheus 가 없습니다',
    },
  },
  'disk-untold': {
    say: {
      en: 'nothing tells how much disk {url} has',
      ko: '{url} 의 디스크 용량을 알 수 없습니다',
    },
    mend: {
      en: 'Run the check on its machine, or scrape a node_exporter there.',
      ko: '해당 컴퓨터에서 점검하거나 그곳의 node_exporter 를 수집하십시오.',
    },
  },
  'growth-untold': {
    say: {
      en: 'how fast {url} grows is not known yet; its disk has room for {room}',
      ko: '{url} 의 증가 속도를 아직 알 수 없습니다. 디스크 여유는 {room} 입니다',
    },
    mend: {
      en: 'Let each Prometheus scrape itself, or set --storage.tsdb.retention.size.',
      ko: '각 Prometheus 가 자신을 수집하게 하거나 --storage.tsdb.retention.size 를 지정하십시오.',
    },
  },
  'disk-holds': {
    say: {
      en: '{url} needs {need} for its retention, its disk has room for {room}',
      ko: '{url} 의 보존에 {need} 가 필요하고 디스크 여유는 {room} 입니다',
    },
  },
  'disk-nearly-full': {
    say: {
      en: '{url} needs {need} for its retention of the {room} that its disk can hold',
      ko: '{url} 의 보존에 {need} 가 필요하지만 디스크에는 {room} 만 들어갑니다(80 % 초과)',
    },
    mend: {
      en: 'Enlarge the disk, or lower --storage.tsdb.retention.time or .size.',
      ko: '디스크를 늘리거나 --storage.tsdb.retention.time 또는 .size 를 줄이십시오.',
    },
  },
  'disk-too-small': {
    say: {
      en: '{url} needs {need} for its retention, but its disk holds {room}: full in {fullDays} days',
      ko: '{url} 의 보존에 {need} 가 필요하지만 디스크는 {room} 입니다. {fullDays}일 뒤 가득 찹니다',
    },
    mend: {
      en: 'Enlarge the disk, or set --storage.tsdb.retention.size to at most 80 % of it. A full disk stops the recording.',
      ko: '디스크를 늘리거나 --storage.tsdb.retention.size 를 디스크의 80 % 이하로 지정하십시오. 가득 차면 기록이 멈춥니다.',
    },
  },
  'versions-same': {
    say: { en: 'versions agree: {list}', ko: '버전이 일치합니다: {list}' },
  },
  'versions-differ': {
    say: {
      en: 'different versions of {program}: {list}',
      ko: '{program} 의 버전이 서로 다릅니다: {list}',
    },
    mend: {
      en: 'Bring all of them to one version, one replica after the other.',
      ko: '복제본을 하나씩 차례로 같은 버전으로 맞추십시오.',
    },
  },
  'versions-untold': {
    say: {
      en: 'no component tells its version: nobody scrapes prometheus_build_info or thanos_build_info',
      ko: '버전 정보가 없습니다. prometheus_build_info 와 thanos_build_info 를 수집하는 곳이 없습니다',
    },
    mend: {
      en: 'Let each Prometheus scrape itself and the components of Thanos.',
      ko: '각 Prometheus 가 자신과 Thanos 구성 요소를 수집하게 하십시오.',
    },
  },

  // What is kept for long.
  'history-none': {
    say: {
      en: 'no store gateway: history ends with the retention of the Prometheus servers',
      ko: '스토어 게이트웨이가 없어 과거 데이터는 Prometheus 의 보존 기간까지만 있습니다',
    },
    mend: {
      en: 'For unlimited retention give the sidecars an object store (--objstore.config-file) and run a store gateway on it.',
      ko: '무제한 보존이 필요하면 사이드카에 객체 저장소(--objstore.config-file)를 지정하고 스토어 게이트웨이를 실행하십시오.',
    },
  },
  'history-unread': {
    say: {
      en: 'blocks are uploaded, but no store gateway reads them',
      ko: '블록은 업로드되지만 이를 읽는 스토어 게이트웨이가 없습니다',
    },
    mend: {
      en: 'Run a store gateway on the same bucket and name it to the querier with --endpoint.',
      ko: '같은 버킷에 스토어 게이트웨이를 실행하고 쿼리어에 --endpoint 로 지정하십시오.',
    },
  },
  'history-missing': {
    say: {
      en: 'no store gateway has blocks of {group}',
      ko: '{group} 의 블록을 가진 스토어 게이트웨이가 없습니다',
    },
    mend: {
      en: 'The first block is uploaded about three hours after the start. Later: see whether the sidecars have --objstore.config-file.',
      ko: '첫 블록은 시작 후 약 3시간 뒤에 업로드됩니다. 그 후에도 없으면 사이드카의 --objstore.config-file 을 확인하십시오.',
    },
  },
  'history-hole': {
    say: {
      en: 'nobody serves {group} from {from} to {to}',
      ko: '{from} 부터 {to} 까지 {group} 을(를) 제공하는 곳이 없습니다',
    },
    mend: {
      en: 'See whether uploads fail and whether the store gateway is up to date; keep more in Prometheus (retention) than an outage lasts.',
      ko: '업로드 실패 여부와 스토어 게이트웨이의 동기화 상태를 확인하십시오. Prometheus 보존 기간은 장애 시간보다 길어야 합니다.',
    },
  },
  'history-whole': {
    say: {
      en: 'no hole between what store gateways ({count}) and replicas serve',
      ko: '스토어 게이트웨이 {count}개와 복제본 사이에 공백이 없습니다',
    },
  },
  'uploads-fail': {
    say: {
      en: '{count} uploads of {instance} failed in the last hour',
      ko: '최근 1시간 동안 {instance} 의 업로드가 {count}번 실패했습니다',
    },
    mend: {
      en: 'See its log: keys, bucket name, network, or a full object store. Blocks stay on disk and are uploaded when it works again.',
      ko: '로그에서 키, 버킷 이름, 네트워크, 저장소 용량을 확인하십시오. 블록은 디스크에 남아 있다가 복구되면 업로드됩니다.',
    },
  },
  'bucket-unreadable': {
    say: { en: 'cannot read {path}: {reason}', ko: '{path} 을(를) 읽을 수 없습니다: {reason}' },
  },
  'bucket-keys-known': {
    say: {
      en: '{name} in {path} is one that everybody knows from tutorials',
      ko: '{path} 의 {name} 은(는) 누구나 아는 기본값입니다',
    },
    mend: {
      en: 'Make a user of its own with a random secret in the object store (MinIO: `mc admin user add`), and change the root keys.',
      ko: '객체 저장소에 임의의 비밀 키를 가진 전용 사용자를 만들고(MinIO: `mc admin user add`) 루트 키를 바꾸십시오.',
    },
  },
  'bucket-insecure': {
    say: {
      en: '{path} talks to {endpoint} without TLS',
      ko: '{path} 은(는) {endpoint} 에 TLS 없이 연결합니다',
    },
    mend: {
      en: 'Take `insecure: true` out: keys and data cross a public network.',
      ko: '`insecure: true` 를 제거하십시오. 키와 데이터가 공용 네트워크를 지납니다.',
    },
  },
  'bucket-well': {
    say: {
      en: 'nothing is wrong with {path} (type {type})',
      ko: '{path} 에 문제가 없습니다(유형 {type})',
    },
  },
};

export type TextKey = keyof typeof TEXTS;
