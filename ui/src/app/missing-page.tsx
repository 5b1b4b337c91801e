/** What is shown for an address that no page has. */
import { Anchor, Text, Title } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import { useText } from '../text/use-text.ts';

export function MissingPage(): React.ReactNode {
  const { missing } = useText().app;
  const { pathname } = useLocation();
  return (
    <section>
      <Title order={1}>{missing.title}</Title>
      <Text my="sm">{missing.text(pathname)}</Text>
      <Anchor component={Link} to="/">
        {missing.back}
      </Anchor>
    </section>
  );
}
