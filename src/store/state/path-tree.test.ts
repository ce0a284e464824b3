import { expect, it } from 'vitest'
import { PathTree } from './path-tree.ts'

it('reading a subtree costs its size, and not that of the tree around it', () => {
  const costs = (others: number) => {
    const tree = new PathTree<string>()
    for (let n = 0; n < others; n++)
      for (const path of [`others/${n}`, `users/${n}/posts/1`, `deep/${n}/a/b`, `top${n}`])
        tree.set(path, path)
    for (let n = 0; n < 5; n++) tree.set(`users/mine/posts/${n}`, `${n}`)
    for (let n = 0; n < 3; n++) tree.set(`few/${n}`, `${n}`)
    return ['few/*', 'users/mine/posts/*', 'users/mine/posts/3', 'nothing/*'].map((pattern) => {
      const before = tree.looks
      const found = tree.matching(pattern).length
      return [pattern, found, tree.looks - before]
    })
  }
  expect(costs(0)).toEqual([
    ['few/*', 3, 5],
    ['users/mine/posts/*', 5, 9],
    ['users/mine/posts/3', 1, 5],
    ['nothing/*', 0, 1],
  ])
  expect(costs(5_000)).toEqual(costs(0))
})

it('what is deleted costs nothing any more', () => {
  const tree = new PathTree<number>()
  for (let n = 0; n < 1_000; n++) tree.set(`a/${n}/b`, n)
  for (let n = 1; n < 1_000; n++) tree.delete(`a/${n}/b`)
  expect(tree.matching('a/*/b')).toEqual([0])
  expect(tree.looks).toBe(4)
})
