/**
 * @generated SignedSource<<797cc71eccfadb93578a00cf42498a00>>
 * @lightSyntaxTransform
 */

/* eslint-disable */

'use strict';

var node = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "input"
  }
],
v1 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Variable",
        "name": "input",
        "variableName": "input"
      }
    ],
    "concreteType": "ConsultaPayload",
    "kind": "LinkedField",
    "name": "agendarConsulta",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "concreteType": "Consulta",
        "kind": "LinkedField",
        "name": "consulta",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "id",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "situacao",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "inicio",
            "storageKey": null
          }
        ],
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "concreteType": "ErroDeUsuario",
        "kind": "LinkedField",
        "name": "erros",
        "plural": true,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "codigo",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "mensagem",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "campo",
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "relayAgendarConsultaMutation",
    "selections": (v1/*:: as any*/),
    "type": "Mutation",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "relayAgendarConsultaMutation",
    "selections": (v1/*:: as any*/)
  },
  "params": {
    "cacheID": "accc8b56e5300d770795d35589cdcf0c",
    "id": null,
    "metadata": {},
    "name": "relayAgendarConsultaMutation",
    "operationKind": "mutation",
    "text": "mutation relayAgendarConsultaMutation(\n  $input: AgendarConsultaInput!\n) {\n  agendarConsulta(input: $input) {\n    consulta {\n      id\n      situacao\n      inicio\n    }\n    erros {\n      codigo\n      mensagem\n      campo\n    }\n  }\n}\n"
  }
};
})();

node.hash = "54e1ac44f5d5efc89d3e32e4776ca3bb";

export default node;
