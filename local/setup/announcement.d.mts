export function folderOf(name: string): string;
export function commandsOf(command: string, args: readonly string[]): readonly string[];
export function needsOf(...commands: readonly string[]): readonly string[];
export function announcement(names: readonly string[]): string;
