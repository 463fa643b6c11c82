// Elements of the live page: found by their id, made with their text. Nothing is ever written as markup.
import { NOTHING } from './format.js'

const SVG = 'http://www.w3.org/2000/svg'

/** Throws where the page lacks it: the two belong together. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no #${id}`)
  return element
}

export function svgById(id: string): SVGSVGElement {
  const element = document.querySelector<SVGSVGElement>(`svg#${id}`)
  if (element === null) throw new Error(`the page has no svg #${id}`)
  return element
}

export function make(tag: string, className = '', ...children: readonly (Node | string)[]): HTMLElement {
  const element = document.createElement(tag)
  if (className !== '') element.className = className
  element.append(...children)
  return element
}

export function makeSvg(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
  return element
}

/** A figure, or the sign that there is none, which is quiet. */
export function setFigure(element: Element, text: string | undefined): void {
  setText(element, text ?? NOTHING)
  element.classList.toggle('nothing', text === undefined)
}

/** Writes only what differs: what is selected stays selected, and nothing is laid out for nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
