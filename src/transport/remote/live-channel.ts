import type { ChangePage, Page } from '../../contracts/index.ts'
import type { Cursor } from '../../version/index.ts'
import type { Sized } from './change-form.ts'
import type { Following, PageFollower } from './live-follower.ts'
import type { RecentPages } from './recent-pages.ts'

/** The log as a channel sees it. */
export interface LiveSource<C extends Sized> {
  /** Among the channels of one log. */
  readonly name: string
  /** Commits heard of so far. */
  readonly commits: number
  /** Read since the last of them, for all channels of the log. */
  readonly recent: RecentPages<C>
  read(after: Cursor): Promise<ChangePage<C>>
  /** A follower has gone. */
  left(): void
}

/**
 * All who follow one log and want the same of it. Those at one cursor stand together: one read serves them,
 * when there is something to read. Whoever refuses a page stands aside at its cursor.
 */
export class LiveChannel<C extends Sized> {
  readonly #source: LiveSource<C>
  readonly #places = new Map<Cursor, Place<C>>()
  readonly #members = new Set<Member<C>>()
  readonly #acts: MemberActs<C> = {
    resume: (member) => this.#resume(member),
    leave: (member) => this.#leave(member),
  }

  constructor(source: LiveSource<C>) {
    this.#source = source
  }

  get isEmpty(): boolean {
    return this.#members.size === 0
  }

  join(follower: PageFollower<C>): Following {
    const member = new Member(follower, this.#acts)
    this.#members.add(member)
    this.#goOn(member)
    return member
  }

  /** Something was committed. */
  wake(): void {
    for (const place of [...this.#places.values()]) this.#read(place)
  }

  fail(error: unknown): void {
    for (const member of [...this.#members]) this.#end(member, error)
  }

  /** Through what is at hand, then to those who stand at its cursor. */
  #goOn(member: Member<C>): void {
    for (;;) {
      const page = this.#source.recent.get(this.#keyOf(member.cursor))
      if (page === undefined) break
      if (!this.#offer(member, page)) return
    }
    const place = this.#placeAt(member.cursor)
    const isEnd = place.end?.asOf === this.#source.commits
    if (member.isNew && place.end && isEnd && !this.#offer(member, place.end.page)) {
      this.#forget(place)
      return
    }
    // Again: whoever was just offered a page may have left, or let others in.
    this.#stand(member, this.#placeAt(member.cursor))
  }

  /** The same for all who have just come to a cursor: what it takes is looked up once, not for each. */
  #goOnTogether(members: readonly Member<C>[], cursor: Cursor): void {
    const { recent, commits } = this.#source
    if (recent.get(this.#keyOf(cursor)) !== undefined) {
      for (const member of members) if (member.state !== 'gone') this.#goOn(member)
      return
    }
    const place = this.#placeAt(cursor)
    for (const member of members) {
      if (member.state === 'gone') continue
      member.place = place
      place.members.add(member)
    }
    if (place.end?.asOf !== commits) this.#read(place)
  }

  #stand(member: Member<C>, place: Place<C>): void {
    member.place = place
    place.members.add(member)
    if (member.isNew || place.end?.asOf !== this.#source.commits) this.#read(place)
  }

  #read(place: Place<C>): void {
    if (place.isReading || place.members.size === 0) return
    place.isReading = true
    const asOf = this.#source.commits
    this.#source.read(place.cursor).then(
      (page) => {
        place.isReading = false
        this.#came(place, page, asOf)
      },
      (error) => {
        this.#places.delete(place.cursor)
        for (const member of [...place.members]) this.#end(member, error)
      },
    )
  }

  #came(place: Place<C>, page: ChangePage<C>, asOf: number): void {
    if (page.kind === 'page' && page.cursor === place.cursor && page.changes.length === 0) {
      place.end = { page, asOf }
      for (const member of [...place.members]) if (member.isNew) this.#offer(member, page)
      if (place.members.size === 0) this.#forget(place)
      else if (this.#source.commits !== asOf) this.#read(place)
      return
    }
    this.#places.delete(place.cursor)
    if (page.kind === 'page') this.#hand(place, page, asOf)
    else for (const member of [...place.members]) this.#reset(member, page)
  }

  #hand(from: Place<C>, page: Page<C>, asOf: number): void {
    const to = this.#placeAt(page.cursor)
    if (!page.more)
      to.end = { page: { kind: 'page', changes: [], cursor: page.cursor, more: false }, asOf }
    const { commits, recent } = this.#source
    // What was read before a commit may be erased by it: then those who come later read anew.
    if (commits === asOf) recent.add(this.#keyOf(from.cursor), page)
    const went: Member<C>[] = []
    for (const member of [...from.members]) if (this.#offer(member, page)) went.push(member)
    this.#goOnTogether(went, page.cursor)
    this.#forget(to)
  }

  /** Whether it was taken: then it is up to the caller where the member stands. */
  #offer(member: Member<C>, page: Page<C>): boolean {
    const isTaken = this.#deliver(member, page)
    if (member.state === 'gone') return false
    if (isTaken) {
      member.cursor = page.cursor
      member.isNew = false
      return true
    }
    this.#unplace(member)
    member.state = 'aside'
    return false
  }

  #deliver(member: Member<C>, page: ChangePage<C>): boolean {
    try {
      return member.follower.deliver(page)
    } catch (error) {
      // One who breaks the promise must not take the others along.
      this.#end(member, error)
      return false
    }
  }

  #resume(member: Member<C>): void {
    if (member.state !== 'aside') return
    member.state = 'following'
    this.#goOn(member)
  }

  #reset(member: Member<C>, reset: ChangePage<C>): void {
    if (member.state === 'gone') return
    this.#remove(member)
    member.follower.deliver(reset)
  }

  #end(member: Member<C>, error: unknown): void {
    if (member.state === 'gone') return
    this.#remove(member)
    member.follower.failed(error)
  }

  #leave(member: Member<C>): void {
    if (member.state !== 'gone') this.#remove(member)
  }

  #remove(member: Member<C>): void {
    member.state = 'gone'
    this.#unplace(member)
    this.#members.delete(member)
    this.#source.left()
  }

  #unplace(member: Member<C>): void {
    const { place } = member
    if (place === undefined) return
    member.place = undefined
    place.members.delete(member)
    this.#forget(place)
  }

  #placeAt(cursor: Cursor): Place<C> {
    const known = this.#places.get(cursor)
    if (known !== undefined) return known
    const place: Place<C> = { cursor, members: new Set(), isReading: false, end: undefined }
    this.#places.set(cursor, place)
    return place
  }

  #forget(place: Place<C>): void {
    if (place.members.size > 0 || place.isReading) return
    if (this.#places.get(place.cursor) === place) this.#places.delete(place.cursor)
  }

  #keyOf(cursor: Cursor): string {
    return `${this.#source.name} ${cursor}`
  }
}

interface MemberActs<C> {
  resume(member: Member<C>): void
  leave(member: Member<C>): void
}

/** One object a follower, without closures: servers have many who wait. */
class Member<C> implements Following {
  readonly follower: PageFollower<C>
  readonly #acts: MemberActs<C>
  cursor: Cursor
  place: Place<C> | undefined = undefined
  /** It has had no page yet. */
  isNew = true
  /** `aside`: it has refused a page. */
  state: 'following' | 'aside' | 'gone' = 'following'

  constructor(follower: PageFollower<C>, acts: MemberActs<C>) {
    this.follower = follower
    this.#acts = acts
    this.cursor = follower.after
  }

  resume(): void {
    this.#acts.resume(this)
  }

  leave(): void {
    this.#acts.leave(this)
  }
}

interface Place<C> {
  readonly cursor: Cursor
  readonly members: Set<Member<C>>
  isReading: boolean
  /** Nothing followed when this many commits were known. */
  end: { readonly page: Page<C>; readonly asOf: number } | undefined
}
