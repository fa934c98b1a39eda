import { describe, expect, it } from 'vitest';
import { configuration, synthesise } from './support/synthesised';

describe('the stacks of an environment', () => {
  const { stacks, ...templates } = synthesise();

  it('hold on to each other: what one imports, the other can neither drop nor rename', () => {
    expect(JSON.stringify(templates.processing.toJSON())).toContain('"Fn::ImportValue"');
    for (const template of [templates.processing, templates.intake, templates.monitoring]) {
      expect(JSON.stringify(template.toJSON())).not.toContain('Fn::GetStackOutput');
    }
  });

  it('that hold data or process it are protected from deletion', () => {
    expect(stacks.storage.terminationProtection).toBe(true);
    expect(stacks.processing.terminationProtection).toBe(true);
    expect(stacks.monitoring.terminationProtection).toBe(false);
  });

  it('are not protected where the setting says so, or where data may be destroyed', () => {
    const open = configuration({ data: { terminationProtection: false } });
    const destroyable = configuration({ data: { destroyData: true } }, true);
    for (const config of [open, destroyable]) {
      expect(synthesise(config).stacks.storage.terminationProtection).toBe(false);
    }
  });

  it('keep nothing under a fixed name that the next deployment would want', () => {
    const { storage, processing, intake, monitoring } = templates;
    const kept = [storage, processing, intake, monitoring].flatMap((template) =>
      Object.entries(template.toJSON().Resources as Record<string, { DeletionPolicy?: string; Properties?: object }>)
        .filter(([, { DeletionPolicy = 'Delete' }]) => DeletionPolicy !== 'Delete')
        .map(([id, { Properties = {} }]) => [id, Object.keys(Properties).filter((name) => name.endsWith('Name'))]),
    );
    expect(kept.length).toBeGreaterThan(4);
    expect(kept.filter(([, names]) => names?.length)).toEqual([]);
  });
});
