import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../../../../test/property.ts'
import { dataIn, indented } from './json-text.ts'

describe('JSON as the page shows it', () => {
  it('says what JSON.stringify says, whatever the text holds', () =>
    property(fc.tuple(fc.jsonValue(), fc.nat(4)), async ([value, indent]) => {
      const text = JSON.stringify(value, null, indent)
      expect(indented(text)).toBe(JSON.stringify(value, null, 2))
    }))

  it('keeps numbers digit for digit', () => {
    expect(indented('{"n":[1777636800000000001,0.10,1E400]}')).toBe(
      '{\n  "n": [\n    1777636800000000001,\n    0.10,\n    1E400\n  ]\n}',
    )
  })

  it('finds the data of an object, whatever looks like it inside', () => {
    const data = '{"data":[{"data":1}],"}":"\\"data\\":"}'
    const object = `{"created":1,"updated":0,"index":"a","path":"b/a","data":${data}}`
    expect(dataIn(object)).toBe(data)
  })
})
