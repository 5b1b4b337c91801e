/** What stands in the place of data while they load, in their final size. */
import { Skeleton } from '@mantine/core';
import { useText } from '../text/use-text.ts';
import styles from './skeletons.module.css';

export interface BlockSkeletonProps {
  /** Pixels. */
  readonly height: number;
}

export function BlockSkeleton({ height }: BlockSkeletonProps): React.ReactNode {
  const text = useText().parts;
  return (
    <div aria-busy="true" aria-label={text.loading} role="status">
      <Skeleton height={height} radius="sm" />
    </div>
  );
}

export interface TableSkeletonProps {
  readonly rows?: number;
}

/** As high as a DataTable of so many rows. */
export function TableSkeleton({ rows = 8 }: TableSkeletonProps): React.ReactNode {
  const text = useText().parts;
  return (
    <div aria-busy="true" aria-label={text.loading} role="status">
      {Array.from({ length: rows + 1 }, (_, i) => (
        <div className={styles.row} key={String(i)}>
          <Skeleton height={12} radius="sm" width={`${30 + ((i * 17) % 60)}%`} />
        </div>
      ))}
    </div>
  );
}
