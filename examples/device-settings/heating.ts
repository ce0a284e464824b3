/** What the dashboard decides, at `settings/heating`. */
export type Settings = { mode: string; target: number }

/** What a device says of itself, at `devices/<its name>`. */
export type Report = { mode: string; target: number }

/** What somebody asks for at a device, in the list `wishes/*`. */
export type Wish = { from: string; target: number }
