/** Say an instant as people of the hospital say it, whatever the zone of the machine that shows it. */
export function porExtenso(instante: string, fuso: string): string {
  return new Intl.DateTimeFormat("pt-BR", { dateStyle: "full", timeStyle: "short", timeZone: fuso }).format(
    new Date(instante),
  );
}

/** Say a date that has no hour (a birth, a death). Through `new Date("1980-03-12")` it would be the day before, in Brazil. */
export function dia(data: string): string {
  const [ano, mes, dia] = data.split("-");
  return `${dia}/${mes}/${ano}`;
}

/** Give the day of an instant in the hospital's zone, as the API writes a Date. */
export function diaDe(instante: string | Date, fuso: string): string {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone: fuso }).format(new Date(instante));
}

/** Give the instant of a day and an hour in the hospital's zone: the API takes no DateTime without its offset. */
export function instanteDe(data: string, hora: string, fuso: string): string {
  const comoUtc = Date.parse(`${data}T${hora}:00Z`);
  let instante = comoUtc;
  for (let vez = 0; vez < 2; vez++) instante = comoUtc - deslocamento(instante, fuso); // once more, for a day that changes its offset
  return new Date(instante).toISOString();
}

/** Give how far a zone is from UTC at an instant, in milliseconds. */
function deslocamento(instante: number, fuso: string): number {
  const local = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: fuso }).format(instante);
  return Date.parse(`${local.replace(" ", "T")}Z`) - Math.floor(instante / 1000) * 1000;
}
