import type { Connection } from '../../sqlite/index.ts'
import type { LineageMark, Position } from '../../version/index.ts'

/** The lineage marks of a file, cached. */
export class Marks {
  #marks: LineageMark[] | undefined

  all(db: Connection): readonly LineageMark[] {
    this.#marks ??= db.allBig('SELECT first, mark FROM marks ORDER BY first').map((row) => ({
      first: row.first as Position,
      mark: row.mark as string,
    }))
    return this.#marks
  }

  has(db: Connection, mark: string): boolean {
    const marks = this.all(db)
    // It is nearly always the last one.
    return marks.at(-1)?.mark === mark || marks.some((one) => one.mark === mark)
  }

  add(db: Connection, mark: LineageMark): void {
    this.all(db)
    db.run('INSERT INTO marks VALUES (?, ?)', mark.first, mark.mark)
    this.#marks?.push(mark)
    if ((this.#marks?.length ?? 0) > mostMarks) this.#join(db)
  }

  /** These, and no others. */
  set(db: Connection, marks: readonly LineageMark[]): void {
    db.run('DELETE FROM marks')
    this.#marks = []
    for (const mark of marks) this.add(db, mark)
  }

  forget(): void {
    this.#marks = undefined
  }

  /** The older half becomes one: cursors that old start over, which ids make harmless. */
  #join(db: Connection): void {
    const marks = this.#marks as LineageMark[]
    const joined = marks.slice(0, mostMarks / 2)
    const kept = joined.at(-1) as LineageMark
    const first = joined[0]?.first as Position
    db.run('DELETE FROM marks WHERE first <= ?', kept.first)
    db.run('INSERT INTO marks VALUES (?, ?)', first, kept.mark)
    this.#marks = [{ mark: kept.mark, first }, ...marks.slice(mostMarks / 2)]
  }
}

const mostMarks = 4_096
