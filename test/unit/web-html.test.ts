import { describe, expect, test } from 'vitest'

import { html, nothing, trusted } from '../../services/core/html.ts'

describe('html', () => {
  test('escapes text wherever it stands, in attributes as well', () => {
    const hostile = `"><script>alert('x')</script>&`
    expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
      '<p title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">' +
        '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</p>',
    )
  })

  test('takes pieces of itself and lists of them as they are', () => {
    const items = ['a', '<b>'].map((text) => html`<i>${text}</i>`)
    expect(html`<p>${items}</p>`.text).toBe('<p><i>a</i><i>&lt;b&gt;</i></p>')
    expect(html`${trusted('<svg></svg>')}${nothing}`.text).toBe('<svg></svg>')
  })

  test('leaves out what is not there, and keeps zero', () => {
    expect(html`${undefined}${null}${false}${0}${''}`.text).toBe('0')
  })

  test('refuses what could only be a mistake', () => {
    expect(() => html`${{ text: '<b>' }}`).toThrow(TypeError)
    expect(() => html`${true}`).toThrow(TypeError)
    expect(() => html`${() => 'x'}`).toThrow(TypeError)
  })
})
