/**
 * The examples, one tab each, told as a story for each role: what an answer gave fills the variables of the next.
 * An operation's text is a file of exemplos/; its variables, and what it leaves for the others, stand here.
 */
import type { Papel } from "./sessao";

export type Lembrado = Record<string, string>;

export interface Exemplo {
  nome: string;
  texto: string;
  /** The variables, given what earlier answers left. */
  variaveis?: (lembrado: Lembrado) => object;
  /** What the answer leaves for later examples. */
  lembrar?: (data: any, lembrado: Lembrado) => Lembrado;
}

const TEXTOS = import.meta.glob<string>("../exemplos/**/*.graphql", { query: "?raw", import: "default", eager: true });

const dias = (n: number) => new Date(Date.now() + n * 86_400_000);
const data = (n: number) => dias(n).toLocaleDateString("sv-SE");
const instante = (n: number) => dias(n).toISOString();
/** In two hours, when something may begin: at a multiple of five minutes. */
const emDuasHoras = () => new Date(Math.ceil(Date.now() / 300_000) * 300_000 + 7_200_000).toISOString();
/** The same hour of the same weekday in the next August: a month without a holiday, so that all of a series fits. */
function emAgosto(instante: string): string {
  const dia = new Date(instante);
  do dia.setUTCDate(dia.getUTCDate() + 7);
  while (dia.getUTCMonth() !== 7 || dia.getUTCDate() > 7);
  return dia.toISOString();
}
const primeiro = (conexao: any) => conexao.edges[0]?.node;
const so = (valores: Record<string, string | undefined>): Lembrado =>
  Object.fromEntries(Object.entries(valores).filter((par): par is [string, string] => par[1] !== undefined));

/** Say which example to run first, where a variable is still unknown. */
const depois = (valor: string | undefined, exemplo: string) => valor ?? `rode ${exemplo} antes`;

/** Make up a CPF: nine digits and the two that check them (Receita Federal, modulo 11). */
function umCpf(): string {
  const digitos = Array.from({ length: 9 }, () => Math.floor(Math.random() * 10));
  for (const tamanho of [9, 10]) {
    const soma = digitos.reduce((total, digito, n) => total + digito * (tamanho + 1 - n), 0);
    digitos.push(((soma * 10) % 11) % 10);
  }
  return digitos.join("");
}

/** Whom an example registers: somebody else at each opening of the page. */
const ALGUEM = umCpf();

const CARTAS: Record<string, Omit<Exemplo, "nome" | "texto">> = {
  QuemSou: { lembrar: ({ eu }) => so({ pacienteId: eu.paciente?.id, profissionalId: eu.profissional?.id }) },
  HorariosLivres: {
    variaveis: () => ({ profissional: "Carlos Eduardo Nogueira", de: data(1), ate: data(15) }),
    lembrar: ({ profissionais }) =>
      so({
        profissionalId: primeiro(profissionais)?.id,
        inicio: primeiro(profissionais)?.horariosDisponiveis[0]?.inicio,
        seguinte: primeiro(profissionais)?.horariosDisponiveis[2]?.inicio,
      }),
  },
  AcharHorario: {
    variaveis: () => ({
      filtro: { especialidade: "Cardiologia", periodos: ["TARDE"], de: instante(1), ate: instante(15) },
    }),
    lembrar: ({ horarios }) => {
      const livres: any[] = horarios.edges.map(({ node }: any) => node);
      const de = (uma: any) => livres.filter((outra) => outra.profissional.id === uma.profissional.id);
      const dele = livres.map(de).sort((uns, outros) => outros.length - uns.length)[0] ?? []; // quem tem mais
      return so({
        profissionalId: dele[0]?.profissional.id,
        inicio: dele[0]?.inicio,
        seguinte: dele[dele.length - 1]?.inicio,
      });
    },
  },
  ReservarHorario: {
    variaveis: ({ profissionalId, inicio }) => ({
      input: {
        profissionalId: depois(profissionalId, "o exemplo dos horários"),
        inicio: depois(inicio, "o exemplo dos horários"),
      },
    }),
    lembrar: ({ reservarHorario }) => so({ reservaId: reservarHorario.reserva?.id }),
  },
  AgendarConsulta: {
    variaveis: ({ pacienteId, profissionalId, inicio, reservaId }) => ({
      input: {
        pacienteId: depois(pacienteId, "o primeiro exemplo"),
        profissionalId: depois(profissionalId, "o exemplo dos horários"),
        inicio: depois(inicio, "o exemplo dos horários"),
        reservaId: depois(reservaId, "ReservarHorario"),
        motivo: "Palpitações à noite",
      },
    }),
    lembrar: ({ agendarConsulta }) => so({ consultaId: agendarConsulta.consulta?.id }),
  },
  AgendarSerie: {
    variaveis: ({ pacienteId, profissionalId, seguinte }) => ({
      input: {
        primeira: {
          pacienteId: depois(pacienteId, "ProcurarPaciente"),
          profissionalId: depois(profissionalId, "AcharHorario"),
          inicio: seguinte ? emAgosto(seguinte) : depois(seguinte, "AcharHorario"),
          motivo: "Reabilitação cardíaca",
        },
        repeticao: { aCadaSemanas: 1, vezes: 4 },
      },
    }),
  },
  Encaixar: {
    variaveis: ({ pacienteId, profissionalId }) => ({
      input: {
        pacienteId: depois(pacienteId, "ProcurarPaciente"),
        profissionalId: depois(profissionalId, "AcharHorario"),
        inicio: emDuasHoras(),
        duracaoEmMinutos: 15,
        encaixe: { justificativa: "Chegou com dor no peito." },
      },
    }),
  },
  Semana: {
    variaveis: ({ profissionalId }) => ({
      de: data(0),
      ate: data(6),
      profissionalIds: [depois(profissionalId, "AcharHorario")],
    }),
  },
  MinhaSemana: { variaveis: () => ({ de: data(0), ate: data(6) }) },
  RemarcarConsulta: {
    variaveis: ({ consultaId, seguinte }) => ({
      input: { consultaId: depois(consultaId, "AgendarConsulta"), inicio: depois(seguinte, "HorariosLivres") },
    }),
  },
  CancelarConsulta: {
    variaveis: ({ consultaId }) => ({
      input: { consultaId: depois(consultaId, "AgendarConsulta"), motivo: "Melhorei" },
    }),
  },
  MinhaAgenda: {
    variaveis: () => ({ de: instante(-0.5) }),
    lembrar: ({ consultas }, { pacienteId }) => {
      const vistas: any[] = consultas.edges.map(({ node }: any) => node);
      const de = (uma: any) => uma.paciente.id === pacienteId;
      const cabe = (uma: any) => uma.acoes.includes("INICIAR");
      const esta = vistas.find((uma) => de(uma) && cabe(uma)) ?? vistas.find(cabe) ?? vistas.find(de) ?? vistas[0];
      return so({ pacienteId: esta?.paciente.id, consultaId: esta?.id });
    },
  },
  IniciarAtendimento: { variaveis: ({ consultaId }) => ({ consultaId: depois(consultaId, "MinhaAgenda") }) },
  ConcluirConsulta: { variaveis: ({ consultaId }) => ({ consultaId: depois(consultaId, "MinhaAgenda") }) },
  EscreverProntuario: {
    variaveis: ({ pacienteId }) => ({
      input: {
        pacienteId: depois(pacienteId, "MinhaAgenda"),
        tipo: "EVOLUCAO",
        texto: "Palpitações esparsas, sem síncope. Pressão 128 x 82 mmHg. Mantida a conduta.",
        cid10: ["R00.2"],
      },
    }),
  },
  LerProntuario: { variaveis: ({ pacienteId }) => ({ pacienteId: depois(pacienteId, "MinhaAgenda") }) },
  ProcurarPaciente: {
    variaveis: () => ({ busca: "maria apar conc" }),
    lembrar: ({ pacientes }) => so({ pacienteId: primeiro(pacientes)?.id, versao: primeiro(pacientes)?.versao?.toString() }),
  },
  CorrigirCadastro: {
    variaveis: ({ pacienteId, versao }) => ({
      input: {
        pacienteId: depois(pacienteId, "ProcurarPaciente"),
        seVersao: versao ? Number(versao) : null,
        endereco: {
          ...{ cep: "01310-100", logradouro: "Avenida Paulista", numero: "1578", municipio: "São Paulo", uf: "SP" },
          complemento: `Apartamento ${1 + Number(versao ?? 0)}`, // another each time, so that there is something to correct
        },
        contatos: [{ nome: "Rosa da Conceição", parentesco: "irmã", telefone: "(11) 91234-5678" }],
      },
    }),
    lembrar: ({ atualizarPaciente }) => so({ versao: atualizarPaciente.paciente?.versao?.toString() }),
  },
  DesfazerConclusao: {
    variaveis: ({ consultaId }) => ({
      input: { consultaId: depois(consultaId, "MinhaAgenda"), para: "EM_ATENDIMENTO", justificativa: "Era a consulta seguinte." },
    }),
  },
  QuemNaoVeio: {
    variaveis: () => ({ de: instante(-0.5), ate: instante(0) }),
    lembrar: ({ consultas }) => so({ ausenteId: primeiro(consultas)?.id }),
  },
  RegistrarFalta: { variaveis: ({ ausenteId }) => ({ consultaId: depois(ausenteId, "QuemNaoVeio") }) },
  DesfazerFalta: {
    variaveis: ({ ausenteId }) => ({
      input: { consultaId: depois(ausenteId, "QuemNaoVeio"), para: "CONFIRMADA", justificativa: "Estava na outra sala de espera." },
    }),
  },
  ConsultasDoPaciente: {
    variaveis: ({ pacienteId }) => ({ pacienteId: depois(pacienteId, "ProcurarPaciente"), de: instante(0) }),
    lembrar: ({ consultas }) => so({ consultaId: primeiro(consultas)?.id }),
  },
  CadastrarPaciente: {
    variaveis: () => ({
      input: { nome: "João Batista de Souza", nascimento: "1958-06-24", telefone: "(11) 91234-5678", sexo: "MASCULINO" },
    }),
  },
  CadastrarFuncionario: {
    variaveis: ({ cpf }) => ({ input: { cpf: cpf ?? ALGUEM, nome: "Sônia Regina Prado", papel: "RECEPCAO" } }),
    lembrar: () => ({ cpf: umCpf() }), // the next person's
  },
  ProcurarRepetidos: {
    variaveis: () => ({ busca: "antonia ferreira lima" }),
    lembrar: ({ pacientes }) => {
      const uma = primeiro(pacientes);
      const [outra] = uma?.possiveisDuplicados ?? [];
      const [fica, sobra] = uma?.cpf ? [uma, outra] : [outra, uma]; // the one with a CPF logs in, and stays
      return so({ ficaId: fica?.id, sobraId: sobra?.id });
    },
  },
  UnificarPacientes: {
    variaveis: ({ ficaId, sobraId }) => ({
      input: {
        deId: depois(sobraId, "ProcurarRepetidos"),
        paraId: depois(ficaId, "ProcurarRepetidos"),
        justificativa: "Mesma mãe e mesmo nascimento, conferidos no RG.",
      },
    }),
  },
  DesfazerUnificacao: {
    variaveis: ({ sobraId }) => ({
      pacienteId: depois(sobraId, "ProcurarRepetidos"),
      justificativa: "Eram irmãs gêmeas, com nomes parecidos.",
    }),
  },
  ProcurarProfissional: {
    variaveis: () => ({ busca: "Carlos Eduardo Nogueira" }),
    lembrar: ({ profissionais }) => so({ profissionalId: primeiro(profissionais)?.id }),
  },
  BloquearAgenda: {
    variaveis: ({ profissionalId }) => ({
      input: { profissionalId: depois(profissionalId, "ProcurarProfissional"), inicio: instante(200), fim: instante(201), motivo: "Congresso" },
    }),
    lembrar: ({ bloquearAgenda }) => so({ bloqueioId: bloquearAgenda.bloqueio?.id }),
  },
  DesbloquearAgenda: { variaveis: ({ bloqueioId }) => ({ bloqueioId: depois(bloqueioId, "BloquearAgenda") }) },
};

/** Give the examples of a role, in the order of the story; of a visitor, for no role. */
export function exemplosDe(papel: Papel | undefined): Exemplo[] {
  const pasta = `../exemplos/${(papel ?? "visitante").toLowerCase()}/`;
  return Object.keys(TEXTOS)
    .filter((caminho) => caminho.startsWith(pasta))
    .sort()
    .map((caminho) => {
      const nome = /\d-(\w+)\.graphql$/.exec(caminho)![1];
      return { nome, texto: TEXTOS[caminho], ...CARTAS[nome] };
    });
}

/** Write an example's variables as the tab shows them. */
export const variaveisDe = (exemplo: Exemplo, lembrado: Lembrado): string =>
  exemplo.variaveis ? JSON.stringify(exemplo.variaveis(lembrado), null, 2) : "";
