/** GLSL of the two pictures: a plane through a volume, and a film. */

export const VERTEX = `#version 300 es
void main() {
  // One triangle that covers the viewport.
  vec2 corner = vec2(float((gl_VertexID << 1) & 2), float(gl_VertexID & 2));
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

/** PS3.3 C.11.2.1.2.1: LINEAR, where the window's ends lie half a value inside; w is (center, width). */
const WINDOW = `
float linearWindow(float value, vec2 w) {
  return clamp((value - (w.x - 0.5)) / max(w.y - 1.0, 0.001) + 0.5, 0.0, 1.0);
}`;

/**
 * 16-bit values are held as two bytes (RG8, little endian): linear filtering mixes both bytes with the same
 * weights, and low + 256 * high is linear, so the mixture is exact. Half-float or integer textures filter
 * on fewer devices, and would need a copy.
 */
export const PLANE_FRAGMENT = `#version 300 es
precision highp float;
precision highp sampler3D;
uniform sampler3D uFull;
uniform sampler3D uReduced;
uniform sampler2D uLoaded;
uniform vec3 uDims;
uniform vec3 uOrigin;
uniform vec3 uRight;
uniform vec3 uDown;
uniform vec3 uThrough;
uniform vec2 uCorner;
uniform vec2 uBlock;
uniform vec3 uFullScale;
uniform vec3 uReducedScale;
uniform float uReducedDepth;
uniform vec2 uWindow;
uniform int uSteps;
uniform int uMode;
uniform bool uHasReduced;
uniform bool uInvert;
out vec4 colour;
${WINDOW}
// 0: not loaded, 0.5: the slice does not exist, 1: loaded
float markOf(float z) {
  return texelFetch(uLoaded, ivec2(int(clamp(z, 0.0, uDims.z - 1.0)), 0), 0).r;
}

// x: value, y: 1 where there is one
vec2 valueAt(vec3 voxel) {
  if (any(lessThan(voxel, vec3(-0.5))) || any(greaterThan(voxel, uDims - 0.5))) return vec2(0.0);
  vec2 inPlane = (voxel.xy + 0.5) / uDims.xy;
  float nearest = floor(voxel.z + 0.5);
  // Nothing is made up where a slice is missing: it stays black, and its neighbours are not mixed with it.
  if (abs(markOf(nearest) - 0.5) < 0.1) return vec2(0.0);
  float below = markOf(floor(voxel.z + 0.01));
  float above = markOf(ceil(voxel.z - 0.01));
  bool isBesideGap = abs(min(below, above) - 0.5) < 0.1;
  if (max(below, above) > 0.9 && (isBesideGap || min(below, above) > 0.9)) {
    float z = (isBesideGap ? nearest : voxel.z) - uBlock.x;
    vec2 bytes = textureLod(uFull, vec3(inPlane, (z + 0.5) / uBlock.y), 0.0).rg;
    return vec2(dot(bytes, uFullScale.xy) + uFullScale.z, 1.0);
  }
  if (!uHasReduced) return vec2(0.0);
  vec2 bytes = textureLod(uReduced, vec3(inPlane, (voxel.z + 0.5) / uReducedDepth), 0.0).rg;
  return vec2(dot(bytes, uReducedScale.xy) + uReducedScale.z, 1.0);
}

void main() {
  vec2 pixel = vec2(gl_FragCoord.x - uCorner.x, uCorner.y - gl_FragCoord.y);
  vec3 voxel = uOrigin + uRight * pixel.x + uDown * pixel.y;
  float sum = 0.0;
  float seen = 0.0;
  float most = -1e30;
  float least = 1e30;
  for (int i = 0; i < uSteps; i++) {
    vec2 found = valueAt(voxel + uThrough * (float(i) - 0.5 * float(uSteps - 1)));
    if (found.y < 0.5) continue;
    sum += found.x;
    seen += 1.0;
    most = max(most, found.x);
    least = min(least, found.x);
  }
  if (seen < 0.5) { colour = vec4(0.0, 0.0, 0.0, 1.0); return; }
  float value = uMode == 1 ? most : uMode == 2 ? least : sum / seen;
  float grey = linearWindow(value, uWindow);
  colour = vec4(vec3(uInvert ? 1.0 - grey : grey), 1.0);
}`;

export const FILM_FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D uFilm;
uniform sampler2D uTable;
uniform vec2 uDims;
uniform vec2 uOrigin;
uniform vec2 uStep;
uniform vec2 uCorner;
uniform vec3 uFullScale;
uniform vec2 uWindow;
uniform vec2 uTableRange;
uniform int uTaps;
uniform int uVoi;
uniform bool uInvert;
out vec4 colour;
${WINDOW}
float tableAt(float value) {
  int index = int(clamp(round(value) - uTableRange.x, 0.0, uTableRange.y - 1.0));
  int width = textureSize(uTable, 0).x;
  return texelFetch(uTable, ivec2(index % width, index / width), 0).r;
}

float greyOf(float value) {
  if (uVoi == 1) return clamp((value - uWindow.x) / max(uWindow.y, 0.001) + 0.5, 0.0, 1.0);
  if (uVoi == 2) return 1.0 / (1.0 + exp(-4.0 * (value - uWindow.x) / uWindow.y));
  if (uVoi == 3) return tableAt(value);
  return linearWindow(value, uWindow);
}

void main() {
  vec2 pixel = vec2(gl_FragCoord.x - uCorner.x, uCorner.y - gl_FragCoord.y);
  vec2 at = uOrigin + uStep * pixel;
  if (any(lessThan(at, vec2(-0.5))) || any(greaterThan(at, uDims - 0.5))) {
    colour = vec4(0.0, 0.0, 0.0, 1.0);
    return;
  }
  // A reduced film is averaged over the pixels it covers; mipmaps would round the two bytes apart.
  vec3 sum = vec3(0.0);
  for (int y = 0; y < uTaps; y++) {
    for (int x = 0; x < uTaps; x++) {
      vec2 shift = (vec2(x, y) + 0.5) / float(uTaps) - 0.5;
      vec4 texel = textureLod(uFilm, (at + uStep * shift + 0.5) / uDims, 0.0);
      sum += uVoi == 4 ? texel.rgb : vec3(dot(texel.rg, uFullScale.xy) + uFullScale.z);
    }
  }
  vec3 mean = sum / float(uTaps * uTaps);
  vec3 shown = uVoi == 4 ? mean : vec3(greyOf(mean.x));
  colour = vec4(uInvert ? 1.0 - shown : shown, 1.0);
}`;
