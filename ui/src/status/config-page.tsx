/** The page of the configuration in force. */
import { Link } from '@tanstack/react-router';
import { serverSettings } from '../data/server-settings.ts';
import { useApi } from '../data/use-api.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { PageTitle } from '../parts/headings.tsx';
import { BlockSkeleton } from '../parts/skeletons.tsx';
import { useText } from '../text/use-text.ts';
import { Answered } from './answered.tsx';
import styles from './status.module.css';
import { Yaml } from './yaml.tsx';

interface Config {
  readonly yaml: string;
}

export function Page(): React.ReactNode {
  const { status } = useText();
  const isThere = serverSettings().component === 'prometheus';
  return (
    <>
      {isThere ? (
        <Configuration />
      ) : (
        <>
          <PageTitle title={status.titles.config} />
          <EmptyNote title={status.config.none}>
            {status.config.noneHelp}{' '}
            <Link className={styles.link} to="/flags">
              {status.config.flags}
            </Link>
          </EmptyNote>
        </>
      )}
    </>
  );
}

function Configuration(): React.ReactNode {
  const { status } = useText();
  const query = useApi<Config>('/api/v1/status/config');
  const runtime = useApi<{ readonly reloadConfigSuccess?: boolean }>('/api/v1/status/runtimeinfo');
  const isOld = runtime.data?.data.reloadConfigSuccess === false;
  return (
    <>
      <PageTitle description={status.config.effective} title={status.titles.config}>
        {query.data !== undefined && <CopyButton isWide text={query.data.data.yaml} />}
      </PageTitle>
      {isOld && <p className={styles.warnings}>{status.config.reloadFailed}</p>}
      <Answered query={query} skeleton={<BlockSkeleton height={480} />}>
        {({ yaml }) => <Yaml text={yaml} />}
      </Answered>
    </>
  );
}
