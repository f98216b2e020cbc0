// What GraphQL Code Generator makes of the schema is used here as an app would: tsc finds what doesn't fit.
import type { AgendarConsultaMutation, AgendarConsultaMutationVariables, CodigoDeErro } from "./gerado/graphql";

export const variaveis: AgendarConsultaMutationVariables = {
  input: { pacienteId: "pac_1", profissionalId: "prf_1", inicio: "2030-01-02T09:00:00-03:00" },
};

export function motivo({ agendarConsulta }: AgendarConsultaMutation): string {
  const codigo: CodigoDeErro | undefined = agendarConsulta.erros[0]?.codigo;
  return codigo ?? agendarConsulta.consulta?.id ?? "";
}

