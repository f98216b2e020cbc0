/**
 * @generated SignedSource<<3e1852b681959997396e7e7f9184d2b2>>
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
    "name": "cancelarConsulta",
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
    "name": "relayCancelarConsultaMutation",
    "selections": (v1/*:: as any*/),
    "type": "Mutation",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "relayCancelarConsultaMutation",
    "selections": (v1/*:: as any*/)
  },
  "params": {
    "cacheID": "c24d2ffcdefa9bd870a8bff6282d84eb",
    "id": null,
    "metadata": {},
    "name": "relayCancelarConsultaMutation",
    "operationKind": "mutation",
    "text": "mutation relayCancelarConsultaMutation(\n  $input: CancelarConsultaInput!\n) {\n  cancelarConsulta(input: $input) {\n    consulta {\n      id\n      situacao\n    }\n    erros {\n      codigo\n      mensagem\n      campo\n    }\n  }\n}\n"
  }
};
})();

node.hash = "e9c9fe313725d3fe6e21376e3417bcd9";

export default node;
