/** What is shown for an address that no page has. */
import { Anchor } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import { EmptyNote } from '../parts/empty-note.tsx';
import { PageTitle } from '../parts/headings.tsx';
import { useText } from '../text/use-text.ts';

export function MissingPage(): React.ReactNode {
  const { missing } = useText().app;
  const { pathname } = useLocation();
  return (
    <>
      <PageTitle title={missing.title} />
      <EmptyNote title={missing.text(pathname)}>
        <Anchor component={Link} to="/">
          {missing.back}
        </Anchor>
      </EmptyNote>
    </>
  );
}
