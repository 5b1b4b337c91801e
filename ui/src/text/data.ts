/** Texts of failures to ask the server. */
import { type TwoLanguages, twoLanguages } from './two-languages.ts';

const english = {
  network:
    'The server cannot be reached. Check that it is running and that this machine is online.',
  notApi: (status: number) =>
    `The server answered with status ${status} and not in the form of the API. A proxy in between may have answered in its place.`,
};

export const dataText: TwoLanguages<typeof english> = twoLanguages(english, {
  network: '서버에 연결할 수 없습니다. 서버가 실행 중인지, 네트워크가 연결되어 있는지 확인하세요.',
  notApi: (status) =>
    `서버가 상태 코드 ${status}로 응답했지만 API 형식이 아닙니다. 중간의 프록시가 대신 응답했을 수 있습니다.`,
});
