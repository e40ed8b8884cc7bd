// What the graphics card does: places each node between where it was and where it is, and draws its shape.

export const VERTEX = `#version 300 es
precision highp float;
layout(location = 0) in float xNow;
layout(location = 1) in float yNow;
layout(location = 2) in float xBefore;
layout(location = 3) in float yBefore;
layout(location = 4) in float shape;
uniform vec2 centre;   // steps
uniform vec2 toClip;   // of a step
uniform float glide;   // 0: where they were, 1: where they are
uniform float farthest; // steps beyond which a node jumps
uniform float size;    // device pixels
flat out int kind;

// Circle, triangle, square, cross, hatched circle: as large as they look, not as they measure.
const float WEIGHT[5] = float[5](0.72, 1.04, 0.8, 0.72, 0.86);
uniform bool figures;

void main() {
  kind = int(shape + 0.5);
  if (kind > 4) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    gl_PointSize = 1.0;
    return;
  }
  vec2 now = vec2(xNow, yNow);
  vec2 way = vec2(xBefore, yBefore) - now;
  float along = abs(way.x) + abs(way.y) > farthest ? 0.0 : 1.0 - glide;
  gl_Position = vec4((now + way * along - centre) * toClip, 0.0, 1.0);
  gl_PointSize = figures ? size : max(1.0, size * WEIGHT[kind]);
}
`;

export const FRAGMENT = `#version 300 es
precision mediump float;
flat in int kind;
uniform vec3 colours[5];
uniform highp float size;
uniform bool figures;
uniform sampler2D atlas;
out vec4 painted;

float segment(vec2 p, vec2 a, vec2 b) {
  vec2 along = b - a;
  return length(p - a - along * clamp(dot(p - a, along) / dot(along, along), 0.0, 1.0));
}

void main() {
  vec2 p = gl_PointCoord * 2.0 - 1.0;
  if (figures) {
    vec4 texel = texture(atlas, vec2((float(kind) + gl_PointCoord.x) / 5.0, gl_PointCoord.y));
    if (texel.a < 0.02) discard;
    painted = texel;
    return;
  }
  vec3 colour = colours[kind];
  // Where a shape is a few pixels there is nothing to round.
  if (size < 4.0) {
    painted = vec4(colour, 1.0);
    return;
  }
  float pixel = 2.0 / size;
  float far;
  if (kind == 0) far = length(p) - 0.9;
  else if (kind == 1) far = max(p.y - 0.8, dot(vec2(abs(p.x), p.y) - vec2(0.0, -0.9), vec2(0.882, -0.471)));
  else if (kind == 2) far = max(abs(p.x), abs(p.y)) - 0.86;
  else if (kind == 3) far = segment(abs(p), vec2(0.0), vec2(0.76)) - max(0.17, 0.8 * pixel);
  else {
    float edge = max(0.12, 0.6 * pixel);
    float ring = abs(length(p) - 0.82) - edge;
    float lines = abs(fract((p.x + p.y) * 1.1 + 0.5) - 0.5) / 1.56 - edge * 0.7;
    far = min(ring, max(lines, length(p) - 0.82));
  }
  float cover = clamp(0.5 - far / pixel, 0.0, 1.0);
  if (cover < 0.02) discard;
  painted = vec4(colour * cover, cover);
}
`;
