import { type FormEvent, useEffect, useState, useSyncExternalStore } from "react";
import { type Papel, type Sessao, avisoAtual, aoMudar, definirSenha, entrar, sair, trocarSenha } from "./sessao";

interface PessoaDaDemonstracao {
  cpf: string;
  nome: string;
  papel: Papel;
  senha: string;
}

const PAPEIS: Record<Papel, string> = {
  PACIENTE: "paciente",
  PROFISSIONAL: "profissional",
  RECEPCAO: "recepção",
  ADMINISTRADOR: "administrador",
};

/** The bar above: be somebody of the demo with one click, or log in by CPF and password; see who one is; log out. */
export function Entrada({ sessao }: { sessao: Sessao | null }) {
  const [pessoas, setPessoas] = useState<PessoaDaDemonstracao[]>([]);
  const [erro, setErro] = useState("");
  const [ocupado, setOcupado] = useState(false);
  const aviso = useSyncExternalStore(aoMudar, avisoAtual);

  useEffect(() => {
    fetch("/graphiql/entrada.json")
      .then((resposta) => resposta.json())
      .then(({ demonstracao }) => setPessoas(demonstracao))
      .catch(() => setErro("O servidor não respondeu. Ele está no ar?"));
  }, []);

  const tentar = async (acao: () => Promise<void>) => {
    setErro("");
    setOcupado(true);
    try {
      await acao();
    } catch (motivo) {
      setErro((motivo as Error).message);
    } finally {
      setOcupado(false);
    }
  };

  return (
    <header className="sghss-entrada" aria-busy={ocupado}>
      <h1>
        SGHSS <span>GraphQL</span>
      </h1>
      {pessoas.length > 0 && (
        <ul className="sghss-papeis" aria-label="Entrar como alguém da demonstração">
          {pessoas.map(({ cpf, senha, nome, papel }) => (
            <li key={cpf}>
              <button
                type="button"
                title={nome}
                aria-label={`Entrar como ${PAPEIS[papel]}`}
                aria-pressed={sessao?.usuario.nome === nome}
                disabled={ocupado}
                onClick={() => tentar(() => entrar(cpf, senha))}
              >
                {PAPEIS[papel]}
              </button>
            </li>
          ))}
        </ul>
      )}
      {sessao ? (
        <Dentro sessao={sessao} tentar={tentar} />
      ) : (
        <Fora tentar={tentar} />
      )}
      <p role="alert">{erro || aviso}</p>
    </header>
  );
}

type Tentar = (acao: () => Promise<void>) => Promise<void>;

/** Log in by CPF and password; or, with the code that the desk handed over, by choosing the password. */
function Fora({ tentar }: { tentar: Tentar }) {
  const [comCodigo, setComCodigo] = useState(false);
  const cpf = { nome: "cpf", rotulo: "CPF", autoComplete: "username" };
  return (
    <>
      {comCodigo ? (
        <Formulario
          key="codigo"
          campos={[
            cpf,
            { nome: "codigo", rotulo: "Código", autoComplete: "one-time-code" },
            { nome: "senha", rotulo: "Senha nova", autoComplete: "new-password", oculto: true },
          ]}
          botao="Definir a senha"
          enviar={({ cpf, codigo, senha }) => tentar(() => definirSenha(cpf, codigo, senha))}
        />
      ) : (
        <Formulario
          key="senha"
          campos={[cpf, { nome: "senha", rotulo: "Senha", autoComplete: "current-password", oculto: true }]}
          botao="Entrar"
          enviar={({ cpf, senha }) => tentar(() => entrar(cpf, senha))}
        />
      )}
      <button type="button" onClick={() => setComCodigo(!comCodigo)}>
        {comCodigo ? "Tenho uma senha" : "Tenho um código"}
      </button>
    </>
  );
}

function Dentro({ sessao, tentar }: { sessao: Sessao; tentar: Tentar }) {
  const { nome, papeis } = sessao.usuario;
  return (
    <>
      <p className="sghss-quem">
        <strong>{nome}</strong> · {papeis.map((papel) => PAPEIS[papel]).join(", ")}
      </p>
      {sessao.trocaDeSenhaObrigatoria && (
        <Formulario
          campos={[
            { nome: "atual", rotulo: "Senha provisória", autoComplete: "current-password", oculto: true },
            { nome: "nova", rotulo: "Senha nova", autoComplete: "new-password", oculto: true },
          ]}
          botao="Trocar a senha"
          enviar={({ atual, nova }) => tentar(() => trocarSenha(atual, nova))}
        />
      )}
      <button type="button" onClick={() => tentar(sair)}>
        Sair
      </button>
    </>
  );
}

interface Campo {
  nome: string;
  rotulo: string;
  autoComplete: string;
  oculto?: boolean;
}

interface FormularioProps {
  campos: Campo[];
  botao: string;
  enviar: (valores: Record<string, string>) => void;
}

function Formulario({ campos, botao, enviar }: FormularioProps) {
  const aoEnviar = (evento: FormEvent<HTMLFormElement>) => {
    evento.preventDefault();
    enviar(Object.fromEntries(new FormData(evento.currentTarget)) as Record<string, string>);
  };
  return (
    <form onSubmit={aoEnviar}>
      {campos.map(({ nome, rotulo, autoComplete, oculto }) => (
        <input
          key={nome}
          name={nome}
          type={oculto ? "password" : "text"}
          aria-label={rotulo}
          placeholder={rotulo}
          autoComplete={autoComplete}
          required
        />
      ))}
      <button type="submit">{botao}</button>
    </form>
  );
}
