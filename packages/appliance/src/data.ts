import { configurableNames, configuredOption } from '@sower/dhcp';
import { loadInventory, type Loaded, type OptionTable, type ParseOptions } from '@sower/machines';

/** The one table of DHCP options, for reading data files. */
export const dhcpOptions: OptionTable = { names: configurableNames(), read: configuredOption };

/** Reads a data file, its DHCP options included. */
export function loadData(file: string, options: ParseOptions = {}): Promise<Loaded> {
  return loadInventory(file, { ...options, dhcpOptions });
}
