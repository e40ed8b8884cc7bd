// Draws all nodes with WebGL2: positions of two bytes in two buffers, where the nodes were and where they are.

import { drawAtlas } from './atlas.ts';
import { SHAPES } from './frames.ts';
import { FRAGMENT, VERTEX } from './shaders.ts';
import { type Space, scaleOf, type View } from './viewport.ts';

/** What is drawn: columns of a picture that has been looked at. */
export type Nodes = { n: number; x: Uint16Array; y: Uint16Array; shapes: Uint8Array };
export type Look = {
  view: View;
  space: Space;
  /** Device pixels of a CSS pixel. */
  ratio: number;
  /** 0: where they were, 1: where they are. */
  glide: number;
  /** Steps beyond which a node doesn't glide but jumps. */
  farthest: number;
  /** CSS pixels. */
  size: number;
  figures: boolean;
};
/** Colours as in the tokens, `#rrggbb`: a state each, in their order, and what lies behind them. */
export type Colours = { states: string[]; behind: string };

type Places = Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>;

const UNIFORMS = ['centre', 'toClip', 'glide', 'farthest', 'size', 'figures', 'colours', 'atlas'] as const;
const BYTES = 2;

export class Renderer {
  readonly #gl: WebGL2RenderingContext;
  readonly #at: Places;
  readonly #places: [WebGLBuffer | null, WebGLBuffer | null];
  readonly #shapes: WebGLBuffer | null;
  readonly #arrays: [WebGLVertexArrayObject | null, WebGLVertexArrayObject | null];
  #room = 0;
  #n = 0;
  #now: 0 | 1 = 0;

  /** Null where the browser has no WebGL2 that draws. */
  static on(canvas: HTMLCanvasElement, colours: Colours): Renderer | null {
    const gl = canvas.getContext('webgl2', {
      alpha: false,
      antialias: false,
      depth: false,
      powerPreference: 'low-power',
    });
    if (!gl || gl.isContextLost()) return null;
    const program = linked(gl);
    return program && new Renderer(gl, program, colours);
  }

  private constructor(gl: WebGL2RenderingContext, program: WebGLProgram, colours: Colours) {
    this.#gl = gl;
    this.#at = Object.fromEntries(UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)])) as Places;
    this.#places = [gl.createBuffer(), gl.createBuffer()];
    this.#shapes = gl.createBuffer();
    this.#arrays = [gl.createVertexArray(), gl.createVertexArray()];
    const behind = channels(colours.behind);
    gl.clearColor(behind[0], behind[1], behind[2], 1);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.useProgram(program);
    gl.uniform3fv(this.#at.colours, colours.states.flatMap(channels));
    gl.uniform1i(this.#at.atlas, 0);
    const atlas = drawAtlas(colours.states, colours.behind);
    if (atlas) this.#takeAtlas(atlas);
  }

  /** Takes nodes over to the card. What was there is where they were before. */
  show({ n, x, y, shapes }: Nodes) {
    const gl = this.#gl;
    this.#n = n;
    const isNew = n > this.#room;
    if (isNew) this.#makeRoom(n);
    this.#now = this.#now === 0 ? 1 : 0;
    // After a growth nobody was anywhere before.
    for (const which of isNew ? ([0, 1] as const) : [this.#now]) {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.#places[which]);
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, x, 0, n);
      gl.bufferSubData(gl.ARRAY_BUFFER, this.#room * BYTES, y, 0, n);
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#shapes);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, shapes, 0, n);
  }

  /** Draws what was shown last. */
  draw({ view, space, ratio, glide, farthest, size, figures }: Look) {
    const gl = this.#gl;
    const scale = scaleOf(view, space);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(this.#at.centre, view.x, view.y);
    gl.uniform2f(this.#at.toClip, (2 * scale) / space.width, (2 * scale) / space.height);
    gl.uniform1f(this.#at.glide, glide);
    gl.uniform1f(this.#at.farthest, farthest);
    gl.uniform1f(this.#at.size, size * ratio);
    gl.uniform1i(this.#at.figures, figures ? 1 : 0);
    gl.bindVertexArray(this.#arrays[this.#now]);
    gl.drawArrays(gl.POINTS, 0, this.#n);
    gl.bindVertexArray(null);
  }

  /** Gives back what the card holds. */
  free() {
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  #makeRoom(n: number) {
    const gl = this.#gl;
    let room = Math.max(1024, this.#room);
    while (room < n) room *= 2;
    this.#room = room;
    for (const buffer of this.#places) {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, 2 * BYTES * room, gl.DYNAMIC_DRAW);
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#shapes);
    gl.bufferData(gl.ARRAY_BUFFER, room, gl.DYNAMIC_DRAW);
    for (const now of [0, 1] as const) {
      gl.bindVertexArray(this.#arrays[now]);
      for (const [column, which] of [now, now, 1 - now, 1 - now].entries()) {
        gl.bindBuffer(gl.ARRAY_BUFFER, this.#places[which] ?? null);
        gl.enableVertexAttribArray(column);
        gl.vertexAttribPointer(column, 1, gl.UNSIGNED_SHORT, false, BYTES, (column % 2) * room * BYTES);
      }
      gl.bindBuffer(gl.ARRAY_BUFFER, this.#shapes);
      gl.enableVertexAttribArray(4);
      gl.vertexAttribPointer(4, 1, gl.UNSIGNED_BYTE, false, 1, 0);
    }
    gl.bindVertexArray(null);
  }

  #takeAtlas(atlas: HTMLCanvasElement) {
    const gl = this.#gl;
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, atlas);
    gl.generateMipmap(gl.TEXTURE_2D);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  }
}

/** Reads the colours of the states from the page's tokens. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return { states: SHAPES.map((shape) => token(`--${shape}`)), behind: token('--surface') };
}

function channels(colour: string): [number, number, number] {
  const number = Number.parseInt(colour.slice(1), 16);
  return [(number >> 16) / 255, ((number >> 8) & 0xff) / 255, (number & 0xff) / 255];
}

/** Returns the program, or null where the driver doesn't take it. */
function linked(gl: WebGL2RenderingContext): WebGLProgram | null {
  const program = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) continue;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}
