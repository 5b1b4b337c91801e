/** Stands where a page will be while its script is fetched. */
import { BlockSkeleton } from '../parts/skeletons.tsx';

export function PageSkeleton(): React.ReactNode {
  return <BlockSkeleton height={320} />;
}
