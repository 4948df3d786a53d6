/** A compiled WebGL2 program with its uniforms by name. */
export class Program {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #locations = new Map<string, WebGLUniformLocation | null>();

  constructor(gl: WebGL2RenderingContext, vertex: string, fragment: string) {
    this.#gl = gl;
    this.#program = gl.createProgram();
    for (const [type, source] of [
      [gl.VERTEX_SHADER, vertex],
      [gl.FRAGMENT_SHADER, fragment],
    ] as const) {
      gl.attachShader(this.#program, compile(gl, type, source));
    }
    gl.linkProgram(this.#program);
    if (!gl.getProgramParameter(this.#program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(gl.getProgramInfoLog(this.#program) ?? "link failed");
    }
  }

  use(): void {
    this.#gl.useProgram(this.#program);
  }

  /** Set float uniforms by their number of components; a single number is set as float. */
  floats(values: Readonly<Record<string, number | readonly number[]>>): void {
    for (const [name, value] of Object.entries(values)) {
      const at = this.#at(name);
      if (typeof value === "number") this.#gl.uniform1f(at, value);
      else if (value.length === 2) this.#gl.uniform2fv(at, value);
      else this.#gl.uniform3fv(at, value);
    }
  }

  integers(values: Readonly<Record<string, number | boolean>>): void {
    for (const [name, value] of Object.entries(values)) this.#gl.uniform1i(this.#at(name), Number(value));
  }

  #at(name: string): WebGLUniformLocation | null {
    const known = this.#locations.get(name);
    if (known !== undefined) return known;
    const location = this.#gl.getUniformLocation(this.#program, name);
    this.#locations.set(name, location);
    return location;
  }
}

function compile(gl: WebGL2RenderingContext, type: number, source: string): WebGLShader {
  const shader = gl.createShader(type);
  if (!shader) throw new Error("no shader");
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
    throw new Error(gl.getShaderInfoLog(shader) ?? "compile failed");
  }
  return shader;
}
