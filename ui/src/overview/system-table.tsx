/** The picture as a table, for who does not see it. */
import { useFormats, useText } from '../text/use-text.ts';
import { rowsOf, rowText } from './figure-rows.ts';
import { nameOf } from './node-link.ts';
import { stateText } from './picture.tsx';
import type { SystemModel, SystemNode } from './system-model.ts';

export function SystemTable({ model }: { readonly model: SystemModel }): React.ReactNode {
  const { overview: text } = useText();
  const formats = useFormats();
  const rows = rowsOf(model);
  const names = new Map(model.nodes.map((node) => [node.id, nameOf(node, text)]));
  const figuresOf = (node: SystemNode): string =>
    (rows.get(node.kind) ?? [])
      .map((row) => `${text.figures[row]}: ${rowText(node, row, text, formats)}`)
      .join(', ');
  const sourcesOf = (node: SystemNode): string =>
    model.edges
      .filter(({ to }) => to === node.id)
      .map(({ from, flow }) => `${names.get(from) ?? from} (${text.picture.flows[flow]})`)
      .join(', ');
  const { figures } = text;
  return (
    <table>
      <caption>{text.picture.table}</caption>
      <thead>
        <tr>
          <th scope="col">{figures.component}</th>
          <th scope="col">{figures.state}</th>
          <th scope="col">{figures.version}</th>
          <th scope="col">{figures.address}</th>
          <th scope="col">{figures.measured}</th>
          <th scope="col">{figures.reads}</th>
          <th scope="col">{figures.lastError}</th>
        </tr>
      </thead>
      <tbody>
        {model.nodes.map((node) => (
          <tr key={node.id}>
            <th scope="row">{names.get(node.id)}</th>
            <td>{stateText(node, text, formats.count)}</td>
            <td>{node.figures.version}</td>
            <td>{node.address}</td>
            <td>{figuresOf(node)}</td>
            <td>{sourcesOf(node)}</td>
            <td>{node.error}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
