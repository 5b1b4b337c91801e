/** Stands where a page will be while its script is fetched. */
import { Skeleton, Stack } from '@mantine/core';
import { useText } from '../text/use-text.ts';

export function PageSkeleton(): React.ReactNode {
  const text = useText();
  return (
    <Stack aria-busy="true" aria-label={text.parts.loading} role="status">
      <Skeleton height={28} width={160} />
      <Skeleton height={320} />
    </Stack>
  );
}
