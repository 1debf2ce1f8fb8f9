import { describe, expect, test } from 'vitest';
import { certificateProblem, parsePlatforms, scriptProblem } from '../src/index.ts';
import { isNewEnough } from '../src/ipxe-package.ts';
import { mirrorAmong } from '../src/private-apt.ts';

describe('platforms', () => {
  test.each([
    ['bios,x64,arm64', ['bios', 'x64', 'arm64']],
    ['arm64, bios', ['bios', 'arm64']],
    ['x64,x64', ['x64']],
    ['', undefined],
    ['bios,', undefined],
    ['bios,x86', undefined],
  ])('%j', (text, platforms) => {
    expect(parsePlatforms(text)).toEqual(platforms);
  });
});

describe('a script that iPXE runs', () => {
  test.each([
    ['#!ipxe\n', undefined],
    ['#!ipxe \r\necho a\n', undefined],
    ['#!ipxe', undefined],
    ['', /first line/],
    ['#!/bin/sh\n', /first line/],
    ['\n#!ipxe\n', /first line/],
    ['#!ipxes\n', /first line/],
    [`#!ipxe\n${' '.repeat(1 << 20)}`, /1048583 bytes/],
  ])('%#', (text, problem) => {
    const found = scriptProblem(Buffer.from(text));
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });
});

describe('a certificate that iPXE can trust', () => {
  const pem = (what: string, body: string) => `-----BEGIN ${what}-----\n${body}\n-----END ${what}-----\n`;
  test.each([
    [pem('CERTIFICATE', 'MIIB+w=='), undefined],
    [`a comment\n${pem('CERTIFICATE', 'MIIB+w==')}`, undefined],
    ['', /no block/],
    ['MIIB', /no block/],
    [pem('CERTIFICATE', 'AAAA'), /no block/],
    [pem('CERTIFICATE REQUEST', 'MIIB'), /no block/],
    [pem('CERTIFICATE', 'MIIB') + pem('EC PRIVATE KEY', 'MIIB'), /private key/],
    [pem('PRIVATE KEY', 'MIIB'), /private key/],
    [pem('CERTIFICATE', 'MIIB') + pem('CERTIFICATE', 'MIIC'), /2 certificates, and iPXE would trust the first/],
  ])('%#', (text, problem) => {
    const found = certificateProblem(Buffer.from(text));
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });
});

describe('the iPXE of a distribution', () => {
  test.each([
    ['1.0.0+git-20190125.36a4c85-5.1', false],
    ['1.20.9-1', false],
    ['1.21.1+git-20220113.fbbdc3926-0ubuntu1', true],
    ['1.21.1+git20250501.dad20602+dfsg-1', true],
    ['2.0.0+git20260306+dfsg-1', true],
    ['unknown', false],
  ])('%s is new enough: %s', (version, verdict) => {
    expect(isNewEnough(version)).toBe(verdict);
  });

  test.each([
    [
      'Debian-Security main http://security.example/\nDebian main http://mirror.example/debian/\n',
      'http://mirror.example/debian/',
    ],
    ['Debian contrib http://mirror.example/debian/\n', undefined],
    ['Ubuntu main http://ubuntu.example/\n', undefined],
    ['', undefined],
  ])('the mirror among %j', (targets, mirror) => {
    expect(mirrorAmong(targets)).toBe(mirror);
  });
});
