/** The series at one time, as a table. */
import { ResultTable } from '../graph/result-table.tsx';
import { useText } from '../text/use-text.ts';
import { EmptyView } from './empty-view.tsx';
import type { ResultViewProps } from './result-view.tsx';

export function TableView(props: ResultViewProps): React.ReactNode {
  const text = useText().explore;
  const { instant } = props.asked;
  if (instant.answer === undefined) return null;
  const { value } = instant.answer;
  const isEmpty =
    (value.resultType === 'vector' || value.resultType === 'matrix') && value.result.length === 0;
  if (isEmpty) return <EmptyView {...props} />;
  return <ResultTable label={`${text.tabs.table}: ${props.panel.expr}`} result={value} />;
}
