/** Ask for page after page of a connection, and give all its nodes. */
export async function todas(executar, nome, first) {
  const nos = [];
  let pagina = { hasNextPage: true, endCursor: null };
  while (pagina.hasNextPage) {
    const { data } = await executar(nome, { first, after: pagina.endCursor });
    nos.push(...data.profissionais.edges.map((edge) => edge.node));
    pagina = data.profissionais.pageInfo;
  }
  return nos;
}
