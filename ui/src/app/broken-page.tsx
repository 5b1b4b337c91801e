/** What is shown in place of a page that threw. */
import { Button, Code, Text, Title } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { useText } from '../text/use-text.ts';

export function BrokenPage({ error }: ErrorComponentProps): React.ReactNode {
  const { broken } = useText().app;
  return (
    <section role="alert">
      <Title order={1}>{broken.title}</Title>
      <Text my="sm">{broken.text}</Text>
      <Code block mb="sm">
        {String(error)}
      </Code>
      <Button variant="default" onClick={() => location.reload()}>
        {broken.again}
      </Button>
    </section>
  );
}
